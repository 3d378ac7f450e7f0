package dev.assay.jobs.steps.calibrate;

import dev.assay.InputException;
import dev.assay.calibrate.CalibrationTexts;
import dev.assay.calibrate.TaskLosses;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.glue.LabelMap;
import dev.assay.family.ModelConfig;
import dev.assay.family.Place;
import dev.assay.model.Classes;
import dev.assay.model.Loss;
import dev.assay.plan.SweepSettings;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The gradients that a sweep's recipes need: losses of which texts, by which weights.
 *
 * @param losses of the texts that the model is calibrated on
 * @param linears in the model's blocks, by layer
 * @param treatments what was assumed about the labels
 */
public record Gradients(List<Loss> losses, List<Linear> linears, List<String> treatments)
    implements Serializable {
  public Gradients {
    losses = List.copyOf(losses);
    linears = List.copyOf(linears);
    treatments = List.copyOf(treatments);
  }

  /**
   * A linear in a block.
   *
   * @param weight name of its weight, rows × cols
   * @param input name of what it reads
   * @param layer index of the block
   */
  record Linear(String weight, String input, int layer, int rows, int cols)
      implements Serializable {}

  /**
   * The gradients that the sweep's recipes need; empty where none does.
   *
   * @param texts what {@code rows} are drawn from
   * @throws InputException if the calibration's task has no labels, or the model's head cannot
   *     answer it
   */
  static Optional<Gradients> of(
      SweepSettings settings,
      Checkpoint checkpoint,
      ModelConfig config,
      CalibrationTexts texts,
      List<Integer> rows) {
    if (settings.gradients().isEmpty()) {
      return Optional.empty();
    }
    String recipe = "recipe " + settings.gradients().get().label();
    String name = settings.calibration().task();
    Glue task =
        Glue.named(name)
            .orElseThrow(
                () ->
                    new InputException(
                        recipe,
                        "It needs gradients of a task's loss, and calibration.task = "
                            + name
                            + " has no labels for a classification head",
                        "Set calibration.task and calibration.data to the GLUE task that the model"
                            + " was fine-tuned for"));
    int outputs = Classes.of(checkpoint);
    if (outputs == 0) {
      throw new InputException(
          recipe,
          "It needs gradients of a task's loss, and the model "
              + settings.model()
              + " has no sequence classification head",
          "Give a checkpoint fine-tuned to classify, or leave the recipe out");
    }
    LabelMap labels = LabelMap.of(task, outputs, config.id2label(), settings.model());
    return Optional.of(
        new Gradients(
            TaskLosses.of(labels, texts.targets(), rows),
            linears(checkpoint, config),
            labels.treatments()));
  }

  private static List<Linear> linears(Checkpoint checkpoint, ModelConfig config) {
    return checkpoint.matrices().stream()
        .filter(matrix -> checkpoint.family().isBlockLinear(matrix.name()))
        .map(
            matrix -> {
              Place place = checkpoint.family().place(matrix.name());
              return new Linear(
                  matrix.name(), place.input(), place.layer(), matrix.rows(), matrix.cols());
            })
        .filter(linear -> linear.layer() >= 0 && linear.layer() < config.layers())
        .sorted(Comparator.comparingInt(Linear::layer).thenComparing(Linear::weight))
        .toList();
  }

  /** Names of the weights. */
  Set<String> weights() {
    return linears.stream().map(Linear::weight).collect(Collectors.toSet());
  }
}
