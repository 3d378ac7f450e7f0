package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.recipe.Stages;
import dev.assay.recipe.quantize.Quantizers;
import dev.assay.recipe.score.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tables of docs/adding-a-method.md know every stage, score and quantizer, and no other. */
class StagesPageTest {
  private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+)` \\|.*");

  /** The first column of the table under a heading. */
  private static Set<String> table(String heading) throws IOException {
    List<String> lines = Files.readAllLines(Repository.ROOT.resolve("docs/adding-a-method.md"));
    Set<String> names = new TreeSet<>();
    int at = 0;
    while (!lines.get(at).startsWith("| " + heading + " |")) {
      at++;
    }
    for (at += 2; at < lines.size() && lines.get(at).startsWith("|"); at++) {
      Matcher row = ROW.matcher(lines.get(at));
      assertThat(row.matches()).as(lines.get(at)).isTrue();
      assertThat(names.add(row.group(1))).as("%s twice", row.group(1)).isTrue();
    }
    return names;
  }

  @Test
  void everyStageScoreAndQuantizerHasItsRow() throws IOException {
    assertThat(table("`stage =`")).isEqualTo(Stages.names());
    assertThat(table("`score =`")).isEqualTo(Scores.names());
    assertThat(table("`levels =`")).isEqualTo(Quantizers.names());
  }
}
