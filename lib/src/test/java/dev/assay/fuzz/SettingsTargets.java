package dev.assay.fuzz;

import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.checkpoint.Tensor;
import dev.assay.config.Hocon;
import dev.assay.family.Families;
import dev.assay.finetune.FinetuneSettings;
import dev.assay.plan.Cell;
import dev.assay.plan.Overlap;
import dev.assay.plan.Plan;
import dev.assay.plan.SiteTask;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import dev.assay.recipe.NamedRecipe;
import dev.assay.stats.FisherFile;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Configurations: files and arguments, of sweeps and of fine-tunings. */
final class SettingsTargets {
  private static final Pattern PLACE =
      Pattern.compile(
          "user\\.conf|configuration|command line|recipe|/model|matrices = |defaults\\.conf");

  private static final String[] TOKENS = {
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\"\"\"",
    ",",
    ":",
    "=",
    "+=",
    "${",
    "${?",
    "${sweep}",
    "}",
    "#",
    "//",
    "null",
    "true",
    "none",
    "include \"x\"",
    "include required(\"x\")",
    "\n",
    ".",
    "..",
    "\\u00",
    "stage",
    "stages",
    "method",
    "recipes",
    "keep",
    "rank",
    "bits",
    "group(64)",
    "sigma(2.5)",
    "ratio(0.5)",
    "2:4",
    "50%",
    "NaN",
    "Infinity",
    "matrices",
    "*",
    "**********",
    "1ns",
    "-5s"
  };

  private static final String STAGES =
      """
      sweep = s, model = "/model", seed = 7, commit-interval = 1s, factorizer = randomized
      matrices = ["*.query.*", "*dense?weight"], exclude-matrices = "*bias*"
      recipes = [
        {name = p, stages = [
          {stage = protect, score = principal, rank = 1, keep = "5%", index-type = csr16}
          {stage = quantize, bits = 2, grid = narrow-sym, granularity = tensor, clip = "sigma(2.5)"}]}
        {name = a, stages = [
          {stage = factor, rank = [2, "ratio(0.5)"], then = residual, metric = "activation(0.5)",
           left {stages = [{stage = protect, score = magnitude, keep = 3},
             {stage = quantize, bits = 4, grid = awq-asym, granularity = row}]}},
          {stage = quantize, bits = [3, 4], grid = gptq-sym, granularity = "group(2)"}]}
        {name = b, stages = [{stage = smooth, alpha = 0.5}, {stage = rotate},
          {stage = activations, bits = 8, clip-ratio = 0.9},
          {stage = solve, quantize {bits = 3, grid = min-max, granularity = row, scale-bits = 3,
             zero-bits = 3}, prune {pattern = "2:4"}, outliers {threshold = 0.2}, order = natural}]}
        {method = spqr, bits = 3}, {method = svd-preserve, keep = [0, 4]}
        {method = magnitude-preserve, keep = 4}
      ]
      task = rte, data = "/glue", split = dev, evaluation-rows = 10
      comparisons = [{name = c, of = svd-preserve, against = [magnitude-preserve],
        where {keep = 4}, pair-by = bits}]
      selection-overlap = true
      factorizer-overrides = [{matrices = ["*"], factorizer = lapack}]
      calibration {use = auto, split = train, sequences = 4, window = 1}
      """;

  private static final String FINETUNE =
      """
      model = "/model", task = mrpc, data = "/glue", to = "/to", seed = 1, epochs = 2, batch = 8
      learning-rate = 5e-5, warmup = 0.1, weight-decay = 0.01, dropout = 0.1, learned = all
      keep = best, max-length = 64, threads = 1
      """;

  private SettingsTargets() {}

  static List<Target> all() {
    return List.of(sweep(), arguments(), finetune());
  }

  private static byte[] shipped(String name) {
    try {
      return Files.readAllBytes(Path.of("..", "conf", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Target sweep() {
    return new Target(
        "sweep-conf",
        PLACE,
        List.of(bytes(STAGES), bytes(STAGES), withModel("glue.conf"), withModel("mllib.conf")),
        Damages.bytes(TOKENS),
        file ->
            use(
                SweepSettings.read(
                    Hocon.parse(new String(file, StandardCharsets.UTF_8), "user.conf"),
                    List.of())));
  }

  private static byte[] withModel(String name) {
    String text = new String(shipped(name), StandardCharsets.UTF_8);
    return bytes(text + "\nmodel = \"/model\", task = sst2, data = \"/glue\"\n");
  }

  private static Target arguments() {
    String lines =
        """
        model=hdfs://host/model
        sweep=s
        recipes=[{method=rtn, bits=[2,3]}, {method=svd, rank="ratio(0.5)"}]
        task=""
        matrices=*.query.*
        seed=3
        calibration.sequences=8
        out="a#b"
        commit-interval=2 minutes""";
    return new Target(
        "arguments",
        PLACE,
        List.of(bytes(lines)),
        Damages.bytes(TOKENS),
        file -> {
          List<String> arguments =
              new String(file, StandardCharsets.UTF_8)
                  .lines()
                  .filter(line -> line.contains("="))
                  .toList();
          use(SweepSettings.read(ConfigFactory.empty("command line"), arguments));
        });
  }

  private static Target finetune() {
    return new Target(
        "finetune-conf",
        PLACE,
        List.of(bytes(FINETUNE)),
        Damages.bytes(TOKENS),
        file ->
            FinetuneSettings.read(
                Hocon.parse(new String(file, StandardCharsets.UTF_8), "user.conf"), List.of()));
  }

  /** Plans the sweep on a few matrices of which everything is known. */
  private static void use(SweepSettings settings) {
    List<Tensor> matrices = new ArrayList<>();
    Map<String, String> known = new TreeMap<>();
    for (String name : List.of("attention.self.query", "attention.self.key", "output.dense")) {
      String weight = "encoder.layer.0." + name + ".weight";
      matrices.add(
          new Tensor(
              weight,
              "f",
              DType.F32,
              256,
              256,
              0,
              Tensor.Layout.OUT_IN,
              Integer.toString(known.size())));
      known.put(FisherFile.name(weight), "fisher");
    }
    known.put("encoder.layer.0.attention.input", "statistics");
    known.put("encoder.layer.0.mlp.down.input", "statistics");
    StatisticsIds statistics = new StatisticsIds.Supplied(known);
    Plan plan = Plan.of(settings, Families.of("bert"), matrices, statistics);
    plan.factorTasks();
    if (plan.memory(statistics) < 0 || !(plan.work().seconds() >= 0) || plan.trials().isEmpty()) {
      throw new IllegalStateException("No plan: " + plan);
    }
    settings.comparisons().forEach(comparison -> comparison.pairs(settings.recipes()));
    settings.recipes().forEach(NamedRecipe::label);
    if (settings.selectionOverlap()) {
      for (SiteTask task : plan.tasks()) {
        for (List<Cell> ofUnit : task.byUnit()) {
          Overlap.of(ofUnit, statistics, settings.seed());
        }
      }
    }
    if (settings.resolving("model", "/other").resolved().isEmpty()) {
      throw new InputException("nowhere", "Is never so", "");
    }
  }
}
