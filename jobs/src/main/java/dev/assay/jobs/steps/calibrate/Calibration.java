package dev.assay.jobs.steps.calibrate;

import dev.assay.InputException;
import dev.assay.calibrate.CalibrationSettings;
import dev.assay.calibrate.CalibrationTexts;
import dev.assay.calibrate.Sequences;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.Tensor;
import dev.assay.evaluate.TaskKind;
import dev.assay.evaluate.Tasks;
import dev.assay.family.ModelConfig;
import dev.assay.family.Place;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.model.Classes;
import dev.assay.model.ModelLoader;
import dev.assay.model.Tokenizer;
import dev.assay.plan.Ids;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What the statistics of a sweep are made from, read on the driver so that what is wrong with it is
 * known before any work.
 *
 * @param identity everything that determines the statistics
 * @param settings as configured
 * @param sequences what the model reads
 * @param inputs what the matrices of the model's blocks read, by layer
 * @param hidden width of what goes from block to block
 * @param gradients those that recipes need, if any does
 */
public record Calibration(
    Map<String, Object> identity,
    CalibrationSettings settings,
    Sequences sequences,
    List<Reader> inputs,
    int hidden,
    Optional<Gradients> gradients) {
  /** Raised whenever the same texts give other statistics. */
  private static final int VERSION = 1;

  /**
   * An input and one of the linears that read it.
   *
   * @param input its name
   * @param layer index of the block
   * @param linear name of the weight
   * @param width channels
   */
  record Reader(String input, int layer, String linear, int width) implements Serializable {}

  /**
   * Reads texts and tokenizer; empty where a sweep is to have no statistics, or has the user's own.
   *
   * @throws InputException if the data, the tokenizer or the model is not fit for it
   */
  public static Optional<Calibration> open(
      SweepSettings settings, Checkpoint checkpoint, Configuration conf) throws IOException {
    CalibrationSettings calibration = settings.calibration();
    if (!settings.calibrated()
        || !calibration.supplied().isEmpty()
        || calibration.task().isEmpty()) {
      return Optional.empty();
    }
    Folder folder = HadoopFolder.open(settings.model(), conf);
    ModelConfig config = ModelLoader.config(folder, checkpoint);
    Optional<Folder> shipped = Tasks.named(calibration.task()).flatMap(TaskKind::shipped);
    Folder data = shipped.isPresent() ? shipped.get() : HadoopFolder.open(calibration.data(), conf);
    // As in evaluation: what decides is whether the model has a head that classifies sequences.
    CalibrationTexts.Pairs pairs =
        Classes.of(checkpoint) > 0 ? CalibrationTexts.Pairs.TOGETHER : CalibrationTexts.Pairs.APART;
    CalibrationTexts read = CalibrationTexts.read(calibration, data, pairs);
    CalibrationTexts texts =
        pairs == CalibrationTexts.Pairs.APART
            ? read.prefixed(settings.evaluation().prefix())
            : read;
    Sequences sequences;
    try (Tokenizer tokenizer = Tokenizer.open(folder, config, calibration.maxLength())) {
      long seed = Ids.seed(settings.seed(), "calibration", calibration.task());
      sequences = Sequences.draw(texts.texts(), calibration.sequences(), seed, tokenizer);
    }
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "calibration");
    identity.put("version", VERSION);
    identity.put("model", checkpoint.identity());
    identity.put("config", config.toString());
    identity.put("tokens", sequences.sha256());
    if (!texts.targets().isEmpty()) {
      identity.put(
          "labels",
          sequences.rows().stream().map(row -> texts.targets().get(row).toString()).toList());
    }
    identity.put("rows", calibration.rows());
    identity.put("seed", settings.seed());
    return Optional.of(
        new Calibration(
            identity,
            calibration,
            sequences,
            readers(checkpoint, config),
            config.width(),
            Gradients.of(settings, checkpoint, config, texts, sequences.rows())));
  }

  /** Hash of everything that determines the statistics. */
  public String id() {
    return Ids.of(identity);
  }

  /** The same of a checkpoint that has been identified since. */
  public Calibration of(Checkpoint identified) {
    Map<String, Object> known = new TreeMap<>(identity);
    known.put("model", identified.identity());
    return new Calibration(known, settings, sequences, inputs, hidden, gradients);
  }

  /** Where the statistics are, or will be. */
  public StatisticsStore store(SweepSettings sweep, Configuration conf) throws IOException {
    Path out = new Path(sweep.out());
    // Whole, since an executor may stand in another directory.
    Path full = out.getFileSystem(conf).makeQualified(out);
    return new StatisticsStore(
        new StatisticsIds.Computed(
            id(),
            inputs.stream().map(Reader::input).collect(Collectors.toSet()),
            gradients.map(Gradients::weights).orElse(Set.of())),
        ContentFolder.of(full, sweep.sweep(), "statistics/" + id().substring(0, 16)));
  }

  private static List<Reader> readers(Checkpoint checkpoint, ModelConfig config) {
    Map<String, Reader> readers = new TreeMap<>();
    checkpoint.matrices().stream()
        .filter(matrix -> checkpoint.family().isBlockLinear(matrix.name()))
        .sorted(Comparator.comparing(Tensor::name))
        .forEach(
            matrix -> {
              Place place = checkpoint.family().place(matrix.name());
              if (place.layer() >= 0 && place.layer() < config.layers()) {
                readers.putIfAbsent(
                    place.input(),
                    new Reader(place.input(), place.layer(), matrix.name(), matrix.cols()));
              }
            });
    List<Reader> byLayer = new ArrayList<>(readers.values());
    byLayer.sort(Comparator.comparingInt(Reader::layer).thenComparing(Reader::input));
    return byLayer;
  }

  /** How many weights a loss is differentiated by; empty where no recipe needs it. */
  public Optional<Integer> differentiated() {
    return gradients.map(taken -> taken.linears().size());
  }

  /**
   * The most bytes that lie about while a window of layers is calibrated: its inputs and the hidden
   * states on both sides of it, or its inputs and gradients.
   */
  public long scratch() {
    Map<Integer, Long> entering = new TreeMap<>();
    for (Reader reader : inputs) {
      entering.merge(reader.layer() / settings.window(), (long) reader.width(), Long::sum);
    }
    long forward = 2L * hidden + widest(entering);
    Map<Integer, Long> both = new TreeMap<>(entering);
    gradients.ifPresent(
        taken ->
            taken
                .linears()
                .forEach(
                    linear ->
                        both.merge(
                            linear.layer() / settings.window(), (long) linear.rows(), Long::sum)));
    return 4 * Math.max(forward, widest(both)) * sequences.tokens();
  }

  private static long widest(Map<Integer, Long> windows) {
    return windows.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }
}
