package dev.assay.recipe;

import com.typesafe.config.ConfigObject;
import dev.assay.config.Settings;
import dev.assay.recipe.factor.Factor;
import dev.assay.recipe.protect.Protect;
import dev.assay.recipe.protect.ProtectOutliers;
import dev.assay.recipe.prune.Prune;
import dev.assay.recipe.quantize.Keep;
import dev.assay.recipe.quantize.Quantize;
import dev.assay.recipe.solve.Solve;
import dev.assay.recipe.transform.Activations;
import dev.assay.recipe.transform.Awq;
import dev.assay.recipe.transform.AwqClip;
import dev.assay.recipe.transform.Rotate;
import dev.assay.recipe.transform.Smooth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The stages by their names in configuration: {@code {stage = quantize, bits = 4, …}}. */
public final class Stages {
  private static final Registry<Stage> REGISTRY =
      new Registry<>(
          "stage",
          Map.ofEntries(
              Map.entry("activations", Activations::read),
              Map.entry("awq", Awq::read),
              Map.entry("awq-clip", AwqClip::read),
              Map.entry("factor", Factor::read),
              Map.entry("keep", Keep::read),
              Map.entry("outliers", ProtectOutliers::read),
              Map.entry("protect", Protect::read),
              Map.entry("prune", Prune::read),
              Map.entry("quantize", Quantize::read),
              Map.entry("rotate", Rotate::read),
              Map.entry("smooth", Smooth::read),
              Map.entry("solve", Solve::read)));

  private Stages() {}

  /**
   * Reads a list of stages.
   *
   * @param where what the list is in, for messages
   */
  public static List<Stage> read(List<? extends ConfigObject> blocks, String where) {
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      Settings settings = Settings.of(blocks.get(i).toConfig(), where + " stages[" + i + "]");
      stages.add(REGISTRY.read(settings));
      settings.finish();
    }
    return stages;
  }

  /** Every name, in order. */
  public static Set<String> names() {
    return REGISTRY.names();
  }
}
