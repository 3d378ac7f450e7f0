package dev.assay.recipe.quantize;

import dev.assay.config.Settings;
import dev.assay.part.Granularity;
import dev.assay.recipe.Registry;
import dev.assay.recipe.UnfitException;
import java.util.Map;
import java.util.Set;

/** The quantizers by their names in configuration: {@code levels = uniform}. */
public final class Quantizers {
  private static final Registry<Quantizer> REGISTRY =
      new Registry<>(
          "levels", Map.of("k-means", KMeans::read, "uniform", UniformQuantizer::read), "uniform");

  private Quantizers() {}

  /** Reads the quantizer that a block describes, uniform where it names none. */
  public static Quantizer read(Settings settings) {
    return REGISTRY.read(settings);
  }

  /** Every name, in order. */
  public static Set<String> names() {
    return REGISTRY.names();
  }

  /**
   * Checks that a quantizer can round other values than the recipe's weight.
   *
   * @param who who rounds with it, for the message
   * @throws UnfitException if it has to know something of them
   */
  public static void checkPlain(String who, Quantizer quantizer) {
    if (!quantizer.needs().isEmpty()) {
      throw new UnfitException(
          who
              + " rounds values of which nothing else is known; its quantizer cannot need "
              + quantizer.needs());
    }
  }

  static Granularity granularity(Settings settings) {
    String text = settings.text("granularity");
    return Granularity.parse(text)
        .orElseThrow(() -> settings.wrong("granularity", text, "Use tensor, row, or group(128)"));
  }
}
