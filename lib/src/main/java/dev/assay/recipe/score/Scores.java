package dev.assay.recipe.score;

import dev.assay.config.Settings;
import dev.assay.recipe.Registry;
import java.util.Map;
import java.util.Set;

/** The scores by their names in configuration: {@code score = magnitude}. */
public final class Scores {
  private static final Registry<Score> REGISTRY =
      new Registry<>(
          "score",
          Map.of(
              "awq", settings -> new AwqEntry(),
              "awq-column", settings -> new AwqColumn(),
              "fisher", settings -> new FisherDiagonal(),
              "hessian-diagonal", settings -> new HessianDiagonal(),
              "magnitude", settings -> new Magnitude(),
              "principal", Principal::read,
              "random", RandomScore::read,
              "sensitivity", settings -> new Sensitivity(),
              "spqr", SpqrSensitivity::read,
              "wanda", settings -> new Wanda()));

  private Scores() {}

  /** Reads the score that a block names, with its keys. */
  public static Score read(Settings settings) {
    return REGISTRY.read(settings);
  }

  /** Every name, in order. */
  public static Set<String> names() {
    return REGISTRY.names();
  }
}
