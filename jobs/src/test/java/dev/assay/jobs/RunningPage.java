package dev.assay.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command lines of {@code docs/running.md}: what is written there is what tests run. */
final class RunningPage {
  private static final String SUBMIT = "    ./submit.sh ";
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  private RunningPage() {}

  /** The words behind the first {@code ./submit.sh} under a heading. */
  static List<String> command(String heading) throws IOException {
    String page = Files.readString(Repository.ROOT.resolve("docs/running.md"));
    int section = page.indexOf("\n## " + heading + "\n");
    int line = page.indexOf(SUBMIT, section);
    if (section < 0 || line < 0) {
      throw new AssertionError("No command under '" + heading + "' in docs/running.md");
    }
    String joined = page.substring(line + SUBMIT.length()).replaceAll("\\\\\n\\s*", "");
    Matcher matcher = WORD.matcher(joined.substring(0, joined.indexOf('\n')));
    List<String> words = new ArrayList<>();
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words;
  }
}
