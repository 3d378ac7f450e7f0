package dev.assay.finetune;

import com.typesafe.config.Config;
import dev.assay.InputException;
import dev.assay.config.Hocon;
import dev.assay.config.Settings;
import dev.assay.config.Suggestion;
import dev.assay.evaluate.glue.Glue;
import dev.assay.model.Training.Learned;
import java.util.List;

/**
 * A fine-tuning's configuration, checked.
 *
 * @param model path of the encoder's folder
 * @param task what it is to learn
 * @param data path of the folder with the task's train part
 * @param to path of the directory to be written
 * @param seed seed of everything random
 * @param epochs times that the train part is gone through
 * @param batch examples a step
 * @param schedule learning rate of every step
 * @param weightDecay of matrices
 * @param dropout share of hidden numbers dropped
 * @param learned which parameters are learned
 * @param keep which epoch's model is the result
 * @param maxLength longest input in tokens; 0 for what the model can take
 * @param threads how many cores to use; 0 for all
 */
public record FinetuneSettings(
    String model,
    Glue task,
    String data,
    String to,
    long seed,
    int epochs,
    int batch,
    Schedule schedule,
    double weightDecay,
    double dropout,
    Learned learned,
    Keep keep,
    int maxLength,
    int threads) {

  /** Which epoch's model is the result. */
  public enum Keep {
    /** The last. */
    LAST,
    /** The one with the best dev part, by the task's first metric; the earlier of equal ones. */
    BEST
  }

  /**
   * Reads a configuration.
   *
   * @param file the parsed configuration file, empty if there is none
   * @param overrides {@code key=value} arguments, each HOCON; later ones win over earlier ones
   * @throws InputException if a key or value is wrong
   */
  public static FinetuneSettings read(Config file, List<String> overrides) {
    Settings settings =
        Settings.of(
            Hocon.whole(file, overrides, FinetuneSettings.class), "finetune's configuration");
    String name = settings.text("task");
    FinetuneSettings read =
        new FinetuneSettings(
            settings.text("model"),
            Glue.named(name)
                .orElseThrow(() -> settings.wrong("task", name, Suggestion.of(name, Glue.ids()))),
            settings.text("data"),
            settings.text("to"),
            settings.longInteger("seed"),
            settings.integer("epochs", 1, 1000),
            settings.integer("batch", 1, 1 << 16),
            new Schedule(settings.number("learning-rate", 0, 1), settings.number("warmup", 0, 1)),
            settings.number("weight-decay", 0, 1),
            settings.number("dropout", 0, 0.9),
            settings.choice("learned", Learned.class),
            settings.choice("keep", Keep.class),
            settings.integer("max-length", 0, 1 << 20),
            settings.integer("threads", 0, 1 << 10));
    settings.finish();
    return read;
  }
}
