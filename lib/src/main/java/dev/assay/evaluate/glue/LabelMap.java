package dev.assay.evaluate.glue;

import dev.assay.InputException;
import dev.assay.task.LabelledRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which output of a model's head is which class of a task. Checkpoints order their outputs as they
 * like (MNLI's are permuted in many), so the names in {@code id2label} decide.
 */
public final class LabelMap {
  /** How Transformers names labels that nobody named, and how some checkpoints number them. */
  private static final Pattern NUMBERED = Pattern.compile("(?:label_?)?([0-9]{1,6})");

  private final Glue task;
  private final int[] numbers;
  private final List<String> treatments;

  private LabelMap(Glue task, int[] numbers, List<String> treatments) {
    this.task = task;
    this.numbers = numbers;
    this.treatments = treatments;
  }

  /**
   * Maps the outputs of a head.
   *
   * <p>A label is recognised by its name in Hugging Face's GLUE data sets, whatever the case and
   * whatever stands between its letters: {@code not_entailment}, {@code NOT_ENTAILMENT}, {@code Not
   * Entailment}. {@code LABEL_1} and {@code 1} stand for class 1 in Hugging Face's order; so does
   * output 1 where {@code id2label} is empty. That is recorded among {@link #treatments}. A
   * regression task takes a head of one output and ignores its name.
   *
   * @param outputs width of the head
   * @param id2label of the model's configuration; empty where it has none
   * @param where the file that {@code id2label} stands in, for messages
   * @throws InputException if the head has another number of outputs than the task has classes, or
   *     if id2label does not name each class of the task exactly once
   */
  public static LabelMap of(Glue task, int outputs, Map<Integer, String> id2label, String where) {
    int needed = task.isRegression() ? 1 : task.labels().size();
    if (outputs != needed) {
      throw new InputException(
          where,
          "The model's head has "
              + outputs
              + (outputs == 1 ? " output" : " outputs")
              + ", and task "
              + task
              + " needs "
              + needed
              + (task.isRegression() ? " (a score)" : " (" + names(task) + ")"),
          "Choose the task that the model was trained for, or another model.");
    }
    if (task.isRegression()) {
      return new LabelMap(task, new int[] {0}, List.of());
    }
    if (id2label.isEmpty()) {
      return new LabelMap(
          task, IntStream.range(0, outputs).toArray(), List.of(treatment(task, "no id2label")));
    }
    if (!id2label
        .keySet()
        .equals(IntStream.range(0, outputs).boxed().collect(Collectors.toSet()))) {
      throw new InputException(
          where,
          "id2label has the keys "
              + new TreeMap<>(id2label).keySet()
              + ", and the model's head has "
              + outputs
              + " outputs",
          "Give it one entry for each output, from \"0\" to \"" + (outputs - 1) + "\".");
    }
    int[] numbers = new int[outputs];
    List<String> byNumber = new ArrayList<>();
    for (int output = 0; output < outputs; output++) {
      String label = id2label.get(output);
      numbers[output] = number(task, label, where);
      for (int earlier = 0; earlier < output; earlier++) {
        if (numbers[earlier] == numbers[output]) {
          throw new InputException(
              where,
              "id2label names "
                  + task.labels().get(numbers[output]).name()
                  + " twice, as '"
                  + id2label.get(earlier)
                  + "' and '"
                  + label
                  + "'",
              "Each of " + names(task) + " must be there once.");
        }
      }
      if (NUMBERED.matcher(label.toLowerCase(Locale.ROOT)).matches()) {
        byNumber.add(label);
      }
    }
    List<String> treatments =
        byNumber.isEmpty()
            ? List.of()
            : List.of(treatment(task, "id2label " + String.join(", ", byNumber)));
    return new LabelMap(task, numbers, treatments);
  }

  private static int number(Glue task, String label, String where) {
    String plain = plain(label);
    for (ClassLabel candidate : task.labels()) {
      if (plain(candidate.name()).equals(plain)) {
        return candidate.number();
      }
    }
    Matcher numbered = NUMBERED.matcher(label.toLowerCase(Locale.ROOT));
    if (numbered.matches() && Integer.parseInt(numbered.group(1)) < task.labels().size()) {
      return Integer.parseInt(numbered.group(1));
    }
    throw new InputException(
        where,
        "id2label has '" + LabelledRows.shorten(label) + "', which is no label of task " + task,
        "Its labels are "
            + names(task)
            + "; choose the model's own task, or correct id2label in a copy of the model.");
  }

  private static String plain(String label) {
    return label.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
  }

  private static String names(Glue task) {
    return task.labels().stream().map(ClassLabel::name).collect(Collectors.joining(", "));
  }

  private static String treatment(Glue task, String what) {
    String order =
        task.labels().stream()
            .map(label -> label.number() + " = " + label.name())
            .collect(Collectors.joining(", "));
    return "Labels by number in Hugging Face's order (" + order + "): " + what;
  }

  /** The task. */
  public Glue task() {
    return task;
  }

  /** Width of the head. */
  public int outputs() {
    return numbers.length;
  }

  /** The class, as the task numbers it, that an output of the head stands for. */
  public int number(int output) {
    return numbers[output];
  }

  /**
   * The output of the head that stands for a class.
   *
   * @param number as the task numbers it
   */
  public int output(int number) {
    for (int output = 0; output < numbers.length; output++) {
      if (numbers[output] == number) {
        return output;
      }
    }
    throw new IllegalArgumentException("Class " + number + " of " + this);
  }

  /** What was assumed about the order; empty where the names decided. */
  public List<String> treatments() {
    return treatments;
  }

  @Override
  public String toString() {
    return task + " " + Arrays.toString(numbers);
  }
}
