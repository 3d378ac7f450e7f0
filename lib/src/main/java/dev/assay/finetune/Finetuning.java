package dev.assay.finetune;

import dev.assay.InputException;
import dev.assay.calibrate.TaskLosses;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.TensorData;
import dev.assay.evaluate.Task;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.evaluate.glue.ClassLabel;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.glue.LabelMap;
import dev.assay.family.ModelConfig;
import dev.assay.model.Classes;
import dev.assay.model.Gradient;
import dev.assay.model.Loss;
import dev.assay.model.ModelLoader;
import dev.assay.model.Tokenizer;
import dev.assay.model.TrainableModel;
import dev.assay.model.Training;
import dev.assay.plan.Ids;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import dev.assay.task.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * An encoder and a GLUE task's train part become a classifier: AdamW on the mean loss of shuffled
 * batches (cross-entropy; squared error for scores), the learning rate rising and falling linearly,
 * as in Devlin et al. (NAACL 2019), section 4.1. The dev part, where there is one, is measured
 * after each epoch; it chooses nothing unless {@link FinetuneSettings#keep} says so.
 *
 * <p>Deterministic: the same inputs and seed give the same bits on the same type of processor,
 * whatever the number of threads. A head that answers the same labels in the same order is gone on
 * with, so that one task can be learned by way of another (QNLI, then RTE); otherwise a new one is
 * made.
 */
public final class Finetuning implements AutoCloseable {
  private final FinetuneSettings settings;
  private final ModelConfig config;
  private final TrainableModel model;
  private final Training.Head head;
  private final Texts train;
  private final List<Loss> losses;
  private final Optional<Dev> dev;
  private final ExecutorService threads;

  private record Dev(Task task, Texts texts) {}

  /**
   * What was learned.
   *
   * @param epochs how they went
   * @param kept number of the epoch whose model is the result
   * @param parameters of that model, by the names that Transformers knows
   */
  public record Learned(
      List<Progress.Epoch> epochs, int kept, Map<String, TensorData> parameters) {}

  private Finetuning(
      FinetuneSettings settings,
      ModelConfig config,
      TrainableModel model,
      Training.Head head,
      Texts train,
      List<Loss> losses,
      Optional<Dev> dev) {
    this.settings = settings;
    this.config = config;
    this.model = model;
    this.head = head;
    this.train = train;
    this.losses = losses;
    this.dev = dev;
    int cores = Runtime.getRuntime().availableProcessors();
    this.threads =
        Executors.newFixedThreadPool(settings.threads() == 0 ? cores : settings.threads());
  }

  /**
   * Reads everything, so that what does not fit is known before any work.
   *
   * @param folder of {@link FinetuneSettings#model}
   * @param data of {@link FinetuneSettings#data}
   * @throws dev.assay.InputException if the encoder, its tokenizer or the data is wrong
   */
  public static Finetuning open(Folder folder, Folder data, FinetuneSettings settings)
      throws IOException {
    Glue task = settings.task();
    Checkpoint checkpoint = Checkpoint.open(folder);
    ModelConfig given = ModelLoader.config(folder, checkpoint);
    ModelConfig config = given.labelled(labels(task));
    Training.Head head =
        Classes.of(checkpoint) == config.labels().size() && sameLabels(task, given, config)
            ? Training.Head.KEPT
            : Training.Head.NEW;
    LabelMap map = LabelMap.of(task, config.labels().size(), config.id2label(), folder.path());
    Dataset rows = task.read(data, Split.TRAIN);
    List<Loss> losses =
        TaskLosses.of(
            map,
            rows.examples().stream().map(Example::target).toList(),
            IntStream.range(0, rows.size()).boxed().toList());
    try (Tokenizer tokenizer = Tokenizer.open(folder, config, settings.maxLength())) {
      Texts train = Texts.of(rows, tokenizer);
      Optional<Dev> dev = dev(settings, data, map, tokenizer);
      if (dev.isEmpty() && settings.keep() == FinetuneSettings.Keep.BEST) {
        throw new InputException(
            data.path(),
            "Has no file " + task.file(Split.DEV) + ", by which keep = best chooses",
            "Add it, or leave keep out");
      }
      Training training =
          new Training(
              config.labels().size(),
              head,
              settings.learned(),
              settings.dropout(),
              settings.weightDecay(),
              seed(settings, "head", 0));
      TrainableModel model = TrainableModel.open(folder, training);
      return new Finetuning(settings, config, model, head, train, losses, dev);
    }
  }

  /** The names of a head's outputs; what Transformers calls a score's has no name of its own. */
  private static List<String> labels(Glue task) {
    return task.isRegression()
        ? List.of("LABEL_0")
        : task.labels().stream().map(ClassLabel::name).toList();
  }

  private static boolean sameLabels(Glue task, ModelConfig given, ModelConfig wanted) {
    return task.isRegression() || given.labels().equals(wanted.labels());
  }

  private static Optional<Dev> dev(
      FinetuneSettings settings, Folder data, LabelMap labels, Tokenizer tokenizer)
      throws IOException {
    if (!data.files().contains(settings.task().file(Split.DEV))) {
      return Optional.empty();
    }
    Dataset rows = settings.task().read(data, Split.DEV);
    return Optional.of(new Dev(settings.task().answered(rows, labels), Texts.of(rows, tokenizer)));
  }

  private static long seed(FinetuneSettings settings, String purpose, int number) {
    return Ids.seed(settings.seed(), "finetune " + purpose, Integer.toString(number));
  }

  /** The classifier's shape, with the task's labels. */
  public ModelConfig config() {
    return config;
  }

  /** Where its head comes from. */
  public Training.Head head() {
    return head;
  }

  /** Number of examples to learn from. */
  public int examples() {
    return train.data().size();
  }

  /** Digest of the file they are from. */
  public String dataSha256() {
    return train.data().sha256();
  }

  /** What was decided about the data that a reader of results should know. */
  public List<String> treatments() {
    List<String> all = new ArrayList<>(train.data().treatments());
    if (train.truncated() > 0) {
      all.add("Truncated " + train.truncated() + " of " + examples() + " examples");
    }
    return all;
  }

  /**
   * Learns.
   *
   * @return how the epochs went, and the parameters of the one that is kept
   */
  public Learned run(Progress progress) throws IOException {
    int perEpoch = (examples() + settings.batch() - 1) / settings.batch();
    int steps = perEpoch * settings.epochs();
    List<Progress.Epoch> epochs = new ArrayList<>();
    Optional<Map<String, TensorData>> best = Optional.empty();
    int kept = 0;
    int step = 0;
    long examples = 0;
    for (int number = 1; number <= settings.epochs(); number++) {
      double losses = 0;
      for (List<Integer> batch :
          Order.batches(examples(), settings.batch(), seed(settings, "order", number))) {
        double loss = learn(batch, step, settings.schedule().rate(step, steps));
        losses += loss;
        examples += batch.size();
        step++;
        progress.step(step, steps, examples, loss / batch.size());
      }
      Progress.Epoch epoch = new Progress.Epoch(number, losses / examples(), measure());
      epochs.add(epoch);
      progress.epoch(epoch);
      if (settings.keep() == FinetuneSettings.Keep.BEST
          && (kept == 0 || value(epoch) > value(epochs.get(kept - 1)))) {
        best = Optional.of(model.parameters());
        kept = number;
      }
    }
    return new Learned(
        epochs, kept == 0 ? settings.epochs() : kept, best.orElseGet(model::parameters));
  }

  private static double value(Progress.Epoch epoch) {
    double value = epoch.dev().get(0).value();
    return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
  }

  private double learn(List<Integer> batch, int step, double rate) throws IOException {
    long seed = seed(settings, "dropout", step);
    List<List<Integer>> parts = Order.parts(batch, train.tokens());
    List<Callable<Gradient>> work = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      List<Integer> part = parts.get(i);
      long own = seed + i;
      work.add(
          () -> model.gradient(train.batch(part), part.stream().map(losses::get).toList(), own));
    }
    List<Gradient> gradients = all(work);
    double loss = gradients.stream().mapToDouble(Gradient::loss).sum();
    double length = model.step(gradients, rate);
    if (!Double.isFinite(loss) || !Double.isFinite(length)) {
      throw new InputException(
          "learning-rate",
          "With "
              + settings.schedule().highest()
              + " the loss of step "
              + step
              + " is "
              + loss
              + ", its gradient's length "
              + length,
          "Use a smaller learning rate, or check the encoder's weights");
    }
    return loss;
  }

  private List<Measure> measure() throws IOException {
    if (dev.isEmpty()) {
      return List.of();
    }
    Texts texts = dev.get().texts();
    List<Integer> rows = IntStream.range(0, texts.data().size()).boxed().toList();
    List<Callable<Predictions>> work = new ArrayList<>();
    for (List<Integer> part : Order.parts(rows, texts.tokens())) {
      work.add(() -> predict(texts, part));
    }
    return dev.get().task().measures(Predictions.merge(all(work)), seed(settings, "bootstrap", 0));
  }

  private Predictions predict(Texts texts, List<Integer> rows) {
    return Predictions.of(
        rows.stream().mapToInt(Integer::intValue).toArray(),
        model.model().logits(texts.batch(rows)));
  }

  /** Runs all; results in the order of the work. */
  private <T> List<T> all(List<Callable<T>> work) throws IOException {
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> done : threads.invokeAll(work)) {
        results.add(done.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    model.close();
  }
}
