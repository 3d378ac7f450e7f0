package dev.assay.calibrate;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.Tasks;
import dev.assay.evaluate.glue.Glue;
import dev.assay.task.Example;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The texts that a model is calibrated on.
 *
 * @param texts single ones or pairs, in file order
 * @param targets of each, as {@link Example#target} has them; empty where the texts are no labelled
 *     examples
 */
public record CalibrationTexts(List<List<String>> texts, List<Double> targets) {
  private static final int MAX_BYTES = 1 << 30;

  public CalibrationTexts {
    texts = List.copyOf(texts);
    targets = List.copyOf(targets);
  }

  /** These with {@code prefix} before the first text of each. */
  public CalibrationTexts prefixed(String prefix) {
    return new CalibrationTexts(
        texts.stream()
            .map(
                text -> {
                  List<String> changed = new ArrayList<>(text);
                  changed.set(0, prefix + text.get(0));
                  return changed;
                })
            .toList(),
        targets);
  }

  /** How a model takes pairs of texts. */
  public enum Pairs {
    /** As one input, as models that classify do. */
    TOGETHER,
    /** Each text by itself, as models of sentence embeddings do. */
    APART
  }

  /**
   * Reads all texts.
   *
   * @param folder where the task's files are; for {@link CalibrationSettings#TEXT} the file alone
   * @throws InputException if a file is missing, empty, or not what the task's files are
   */
  public static CalibrationTexts read(CalibrationSettings settings, Folder folder, Pairs pairs)
      throws IOException {
    if (settings.task().equals(CalibrationSettings.TEXT)) {
      return new CalibrationTexts(lines(folder), List.of());
    }
    List<Example> examples = Tasks.of(settings.task()).examples(folder, settings.split());
    boolean labelled = pairs == Pairs.TOGETHER && Glue.named(settings.task()).isPresent();
    return new CalibrationTexts(
        texts(examples, pairs),
        labelled ? examples.stream().map(Example::target).toList() : List.of());
  }

  private static List<List<String>> texts(List<Example> examples, Pairs pairs) {
    return pairs == Pairs.TOGETHER
        ? examples.stream().map(Example::texts).toList()
        : examples.stream()
            .flatMap(example -> example.texts().stream())
            .distinct()
            .map(List::of)
            .toList();
  }

  private static List<List<String>> lines(Folder folder) throws IOException {
    List<String> files = folder.files();
    if (files.size() != 1) {
      throw new InputException(
          folder.path(),
          "Is a directory of " + files.size() + " files",
          "Give one text file, calibration.data = FILE");
    }
    try (ByteSource source = folder.open(files.get(0))) {
      if (source.length() > MAX_BYTES) {
        throw new InputException(
            source.path(), "Has " + source.length() + " bytes", "Give at most 1 GiB of text");
      }
      byte[] bytes = new byte[(int) source.length()];
      source.readFully(0, bytes, 0, bytes.length);
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new InputException(source.path(), "Is not UTF-8", "Save the text as UTF-8", e);
      }
      List<List<String>> lines = new ArrayList<>();
      text.lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .forEach(line -> lines.add(List.of(line)));
      if (lines.isEmpty()) {
        throw new InputException(source.path(), "Has no text", "Give one text a line");
      }
      return lines;
    }
  }
}
