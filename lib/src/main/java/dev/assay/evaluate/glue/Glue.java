package dev.assay.evaluate.glue;

import dev.assay.InputException;
import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Examinee;
import dev.assay.evaluate.Logits;
import dev.assay.evaluate.Task;
import dev.assay.evaluate.TaskKind;
import dev.assay.evaluate.answers.Metric;
import dev.assay.evaluate.pairs.SimilarityTask;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import dev.assay.task.LabelledRows;
import dev.assay.task.Layout;
import dev.assay.task.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The GLUE tasks as published (Wang et al., ICLR 2019, arXiv 1804.07461): files, columns, labels
 * and metrics. Classes are numbered as in Hugging Face's GLUE data sets.
 */
public enum Glue implements TaskKind {
  /** Sentiment of a sentence. */
  SST2(
      "sst2",
      "SST-2",
      "dev.tsv",
      Layout.headed("sentence label", "label", "sentence"),
      labels("0 negative", "1 positive"),
      Metric.ACCURACY),
  /** Whether two sentences say the same. */
  MRPC(
      "mrpc",
      "MRPC",
      "dev.tsv",
      new Layout(
          List.of("Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"),
          List.of("#1 String", "#2 String"),
          "Quality",
          Layout.Header.PRESENT,
          Layout.ShortRows.REFUSED),
      labels("0 not_equivalent", "1 equivalent"),
      Metric.ACCURACY,
      Metric.F1),
  /** Whether the first text entails the second. */
  RTE(
      "rte",
      "RTE",
      "dev.tsv",
      Layout.headed("index sentence1 sentence2 label", "label", "sentence1", "sentence2"),
      labels("entailment entailment", "not_entailment not_entailment"),
      Metric.ACCURACY),
  /** Whether a sentence answers a question. */
  QNLI(
      "qnli",
      "QNLI",
      "dev.tsv",
      Layout.headed("index question sentence label", "label", "question", "sentence"),
      labels("entailment entailment", "not_entailment not_entailment"),
      Metric.ACCURACY),
  /** Whether a sentence is grammatical. */
  COLA(
      "cola",
      "CoLA",
      "dev.tsv",
      Layout.headed("source label star sentence", "label", "sentence").headless(),
      labels("0 unacceptable", "1 acceptable"),
      Metric.MATTHEWS),
  /** How similar two sentences are, 0 to 5. */
  STSB(
      "stsb",
      "STS-B",
      "dev.tsv",
      Layout.headed(
          "index genre filename year old_index source1 source2 sentence1 sentence2 score",
          "score",
          "sentence1",
          "sentence2"),
      List.of(),
      Metric.SPEARMAN,
      Metric.PEARSON),
  /**
   * Whether two questions ask the same. The published train file holds questions with line breaks
   * in them, which leave lines with too few columns; like other readers of GLUE this one drops
   * them, and says how many.
   */
  QQP(
      "qqp",
      "QQP",
      "dev.tsv",
      Layout.headed(
              "id qid1 qid2 question1 question2 is_duplicate",
              "is_duplicate",
              "question1",
              "question2")
          .droppingShortRows(),
      labels("0 not_duplicate", "1 duplicate"),
      Metric.ACCURACY,
      Metric.F1),
  /** Entailment, neutral or contradiction, on genres of the train part. */
  MNLI("mnli", "MNLI", "dev_matched.tsv", mnliLayout(), mnliLabels(), Metric.ACCURACY),
  /** The same on other genres. */
  MNLI_MISMATCHED(
      "mnli-mm", "MNLI", "dev_mismatched.tsv", mnliLayout(), mnliLabels(), Metric.ACCURACY),
  /** Whether the sentence with its pronoun resolved follows. */
  WNLI(
      "wnli",
      "WNLI",
      "dev.tsv",
      Layout.headed("index sentence1 sentence2 label", "label", "sentence1", "sentence2"),
      labels("0 not_entailment", "1 entailment"),
      Metric.ACCURACY);

  private static final double HIGHEST_SCORE = 5;
  private static final Pattern SCORE = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,20})?");

  private final String id;
  private final String folder;
  private final String devFile;
  private final Layout layout;
  private final List<ClassLabel> labels;
  private final List<Metric> metrics;

  Glue(
      String id,
      String folder,
      String devFile,
      Layout layout,
      List<ClassLabel> labels,
      Metric... metrics) {
    this.id = id;
    this.folder = folder;
    this.devFile = devFile;
    this.layout = layout;
    this.labels = labels;
    this.metrics = List.of(metrics);
  }

  private static Layout mnliLayout() {
    return Layout.headed(
        "index promptID pairID genre sentence1_binary_parse sentence2_binary_parse"
            + " sentence1_parse sentence2_parse sentence1 sentence2 label1 gold_label",
        "gold_label",
        "sentence1",
        "sentence2");
  }

  private static List<ClassLabel> mnliLabels() {
    return labels("entailment entailment", "neutral neutral", "contradiction contradiction");
  }

  private static List<ClassLabel> labels(String... publishedAndName) {
    List<ClassLabel> labels = new ArrayList<>();
    for (String each : publishedAndName) {
      int space = each.indexOf(' ');
      labels.add(
          new ClassLabel(labels.size(), each.substring(0, space), each.substring(space + 1)));
    }
    return List.copyOf(labels);
  }

  @Override
  public String id() {
    return id;
  }

  /** The task of that name, exactly as {@link #id} spells it. */
  public static Optional<Glue> named(String id) {
    return Arrays.stream(values()).filter(task -> task.id.equals(id)).findFirst();
  }

  /** All names, in the order of this enum. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(Glue::id).toList();
  }

  /** The directory that the published archive keeps its files in, such as {@code SST-2}. */
  public String folder() {
    return folder;
  }

  /** The file of a split, such as {@code dev.tsv}. */
  public String file(Split split) {
    return switch (split) {
      case TRAIN -> "train.tsv";
      case DEV -> devFile;
    };
  }

  /** Whether the target is a score rather than a class. */
  public boolean isRegression() {
    return labels.isEmpty();
  }

  /** The classes by number; empty for a regression task. */
  public List<ClassLabel> labels() {
    return labels;
  }

  /** What GLUE measures on this task, the first being the one it is usually judged by. */
  public List<Metric> metrics() {
    return metrics;
  }

  /**
   * Reads a split. The rows are numbered in file order; lines that a treatment drops get no number.
   * Memory: the texts and labels.
   *
   * @param directory holds the file itself
   * @throws InputException naming file and line: no such file, no rows, a missing column, a row
   *     with another number of fields than there are columns, a label that is empty or unknown, an
   *     empty line between rows, bytes that are not UTF-8
   */
  public Dataset read(Folder directory, Split split) throws IOException {
    Map<String, Integer> numbers = new HashMap<>();
    labels.forEach(label -> numbers.put(label.published(), label.number()));
    List<Example> examples = new ArrayList<>();
    LabelledRows.Summary summary =
        LabelledRows.read(
            directory,
            file(split),
            layout,
            List.of(),
            (where, row) -> {
              String label = row.get(layout.label());
              double target = isRegression() ? score(where, label) : number(where, label, numbers);
              List<String> texts = layout.texts().stream().map(row::get).toList();
              examples.add(new Example(examples.size(), texts, target));
            });
    return new Dataset(summary.path(), summary.sha256(), examples, summary.treatments());
  }

  @Override
  public boolean classifies() {
    return !isRegression();
  }

  @Override
  public Optional<Folder> shipped() {
    return Optional.empty();
  }

  @Override
  public String part(Split split) {
    return split.id();
  }

  @Override
  public List<Example> examples(Folder directory, Split split) throws IOException {
    return read(directory, split).examples();
  }

  /** By the model's head; a task of scores also by the cosines of an embedding model. */
  @Override
  public Task open(EvaluationSettings settings, Folder directory, Examinee model, long seed)
      throws IOException {
    if (model.outputs() == 0 && !isRegression()) {
      throw new InputException(
          model.folder().path(),
          "The model has no classification head, which task " + id + " needs",
          "Use task = stsb or task = paraphrase, or a checkpoint fine-tuned to classify");
    }
    Dataset data = settings.limited(read(directory, settings.split()), seed);
    if (model.outputs() == 0) {
      return SimilarityTask.of(data, metrics, settings, model.folder());
    }
    LabelMap labels =
        LabelMap.of(this, model.outputs(), model.config().id2label(), model.folder().path());
    Logits.of(settings);
    return answered(data, labels);
  }

  /**
   * Some of the task's rows, put to a model whose head answers them.
   *
   * @param labels which output of the head is which class
   */
  public Task answered(Dataset data, LabelMap labels) {
    return isRegression()
        ? new RegressionTask(metrics, data)
        : new ClassificationTask(data, labels);
  }

  private int number(String where, String label, Map<String, Integer> numbers) {
    Integer number = numbers.get(label);
    if (number == null) {
      throw wrongLabel(
          where,
          label,
          labels.stream().map(ClassLabel::published).collect(Collectors.joining(", ")));
    }
    return number;
  }

  private double score(String where, String label) {
    double score = SCORE.matcher(label).matches() ? Double.parseDouble(label) : Double.NaN;
    if (!(score <= HIGHEST_SCORE)) {
      throw wrongLabel(where, label, "a number from 0 to 5");
    }
    return score;
  }

  private InputException wrongLabel(String where, String label, String choices) {
    return new InputException(
        where,
        "Column '"
            + layout.label()
            + "' is "
            + (label.isEmpty() ? "empty" : "'" + LabelledRows.shorten(label) + "'"),
        "A label of " + id + " is one of: " + choices);
  }

  @Override
  public String toString() {
    return id;
  }
}
