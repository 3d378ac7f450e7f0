package dev.assay.recipe;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import dev.assay.InputException;
import dev.assay.config.Call;
import dev.assay.config.Settings;
import dev.assay.config.Suggestion;
import dev.assay.part.Codes;
import dev.assay.part.Granularity;
import dev.assay.part.Overlay;
import dev.assay.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads stages from configuration blocks: {@code {stage = quantize, bits = 4, …}}. */
final class StageParser {
  private static final Map<String, Function<Settings, Stage>> STAGES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("keep", StageParser::keep),
              Map.entry("protect", StageParser::protect),
              Map.entry("prune", StageParser::prune),
              Map.entry("quantize", StageParser::quantize),
              Map.entry("solve", StageParser::solve),
              Map.entry("factor", StageParser::factor),
              Map.entry("smooth", StageParser::smooth),
              Map.entry("awq", StageParser::awq),
              Map.entry("awq-clip", StageParser::awqClip),
              Map.entry("rotate", StageParser::rotate),
              Map.entry("activations", StageParser::activations)));

  private static final Map<String, Function<Settings, Score>> SCORES =
      new TreeMap<>(
          Map.of(
              "magnitude", settings -> new Score.Magnitude(),
              "random",
                  settings ->
                      new Score.Random(
                          settings.has("replicate")
                              ? settings.integer("replicate", 0, Integer.MAX_VALUE)
                              : 0),
              "principal", settings -> new Score.Principal(settings.integer("rank", 1, 1 << 20)),
              "awq", settings -> new Score.Awq(),
              "awq-column", settings -> new Score.AwqColumn(),
              "spqr", StageParser::spqr,
              "hessian-diagonal", settings -> new Score.HessianDiagonal(),
              "wanda", settings -> new Score.Wanda(),
              "fisher", settings -> new Score.FisherDiagonal()));

  private static final int SECOND_LEVEL_ROWS = 16;
  private static final Pattern PATTERN = Pattern.compile("([0-9]{1,4}):([0-9]{1,4})");

  private StageParser() {}

  /** Reads a list of stages. */
  static List<Stage> parse(List<? extends ConfigObject> blocks, String where) {
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      Settings settings = Settings.of(blocks.get(i).toConfig(), where + " stages[" + i + "]");
      stages.add(pick(settings, "stage", STAGES));
      settings.finish();
    }
    return stages;
  }

  private static <T> T pick(Settings settings, String key, Map<String, Function<Settings, T>> of) {
    String name = settings.text(key);
    Function<Settings, T> maker = of.get(name);
    if (maker == null) {
      throw settings.wrong(key, name, Suggestion.of(name, of.keySet()));
    }
    return maker.apply(settings);
  }

  private static Stage keep(Settings settings) {
    return new Keep(settings.choice("value-type", ValueType.class, ValueType.SOURCE));
  }

  private static Stage protect(Settings settings) {
    return new Protect(
        pick(settings, "score", SCORES),
        budget(settings),
        settings.choice("value-type", ValueType.class, ValueType.SOURCE),
        settings.choice("index-type", Overlay.IndexType.class, Overlay.IndexType.I32));
  }

  private static Budget budget(Settings settings) {
    String text = settings.text("keep").strip();
    try {
      if (text.endsWith("%")) {
        double percent = Double.parseDouble(text.substring(0, text.length() - 1).strip());
        if (percent >= 0 && percent <= 100) {
          return new Budget.Percent(percent);
        }
      } else if (Integer.parseInt(text) >= 0) {
        return new Budget.Count(Integer.parseInt(text));
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message for all.
    }
    throw settings.wrong("keep", text, "Use a number of entries, or a percentage such as \"0.5%\"");
  }

  private static Score spqr(Settings settings) {
    return new Score.Spqr(quantize(settings), settings.number("damping", 0.01, 0, 1e3));
  }

  private static Stage prune(Settings settings) {
    return new Prune(pick(settings, "score", SCORES), pruneBudget(settings));
  }

  private static PruneBudget pruneBudget(Settings settings) {
    String share = settings.text("sparsity", "none").strip();
    String pattern = settings.text("pattern", "none").strip();
    if (share.equals("none") == pattern.equals("none")) {
      throw settings.wrong(
          "pattern", pattern, "Give either sparsity or pattern, and none for the other");
    }
    if (pattern.equals("none")) {
      return new PruneBudget.Share(
          settings.number("sparsity", 0, 0, 1), settings.choice("scope", PruneBudget.Scope.class));
    }
    settings.has("scope"); // a preset has one for its shares; a pattern is within rows
    return PruneBudget.Pattern.parse(pattern)
        .orElseThrow(
            () ->
                settings.wrong(
                    "pattern", pattern, "Use zeros of every few in a row, such as \"2:4\""));
  }

  private static Quantize quantize(Settings settings) {
    Grid grid = settings.choice("grid", Grid.class);
    return new Quantize(
        settings.integer("bits", 2, 8),
        grid,
        granularity(settings),
        clip(settings),
        settings.choice("scale-type", DType.class, DType.F32),
        settings.choice(
            "zero-type",
            Codes.ZeroType.class,
            grid.realZero() ? Codes.ZeroType.F32 : Codes.ZeroType.PACKED),
        scaleBits(settings));
  }

  private static ScaleBits scaleBits(Settings settings) {
    int scales = given(settings, "scale-bits") ? settings.integer("scale-bits", 2, 8) : 0;
    int zeros = given(settings, "zero-bits") ? settings.integer("zero-bits", 2, 8) : 0;
    int rows =
        settings.has("second-level-rows")
            ? settings.integer("second-level-rows", 1, 1 << 20)
            : SECOND_LEVEL_ROWS;
    return scales + zeros == 0 ? ScaleBits.NONE : new ScaleBits(scales, zeros, rows);
  }

  /** Whether a key is there and is not {@code none}. */
  private static boolean given(Settings settings, String key) {
    return settings.has(key) && !settings.text(key).equals("none");
  }

  private static Stage solve(Settings settings) {
    Optional<Config> prune = settings.optionalBlock("prune");
    Optional<Settings> pruning = prune.map(block -> Settings.of(block, "prune"));
    Optional<Sparsity> sparsity = pruning.map(StageParser::sparsity);
    ValueType values =
        pruning
            .map(block -> block.choice("value-type", ValueType.class, ValueType.SOURCE))
            .orElse(ValueType.SOURCE);
    pruning.ifPresent(Settings::finish);
    return new Solve(
        block(settings, "quantize", StageParser::quantize),
        sparsity,
        values,
        block(settings, "outliers", StageParser::outliers).flatMap(outliers -> outliers),
        settings.has("damping") ? settings.number("damping", 0, 1e3) : 0.01,
        settings.choice("order", Solve.Order.class, Solve.Order.NATURAL),
        settings.choice("groups", Solve.Groups.class, Solve.Groups.UPDATED),
        settings.has("block") ? settings.integer("block", 1, 1 << 20) : 128);
  }

  private static <T> Optional<T> block(Settings settings, String key, Function<Settings, T> of) {
    return settings
        .optionalBlock(key)
        .map(
            config -> {
              Settings inner = Settings.of(config, key);
              T made = of.apply(inner);
              inner.finish();
              return made;
            });
  }

  private static Sparsity sparsity(Settings settings) {
    boolean share = given(settings, "sparsity");
    boolean pattern = given(settings, "pattern");
    if (share == pattern) {
      throw settings.wrong(
          "pattern",
          settings.text("pattern", "none"),
          "Give either sparsity or pattern, and none for the other");
    }
    if (share) {
      return new Sparsity.Share(settings.number("sparsity", Double.MIN_VALUE, Math.nextDown(1.0)));
    }
    String text = settings.text("pattern").strip();
    Matcher matcher = PATTERN.matcher(text);
    if (matcher.matches()) {
      int zeros = Integer.parseInt(matcher.group(1));
      int of = Integer.parseInt(matcher.group(2));
      if (zeros > 0 && zeros < of) {
        return new Sparsity.Pattern(zeros, of);
      }
    }
    throw settings.wrong("pattern", text, "Use a pattern such as 2:4, two zeros in four columns");
  }

  /** No outliers where the threshold is infinite. */
  private static Optional<Outliers> outliers(Settings settings) {
    Outliers outliers =
        new Outliers(
            settings.text("threshold", "0.2").equals("inf")
                ? Double.POSITIVE_INFINITY
                : settings.has("threshold") ? settings.number("threshold", 0, 1e300) : 0.2,
            settings.choice("value-type", ValueType.class, ValueType.SOURCE),
            settings.choice("index-type", Overlay.IndexType.class, Overlay.IndexType.I32));
    return Optional.of(outliers).filter(kept -> kept.threshold() < Double.POSITIVE_INFINITY);
  }

  private static Granularity granularity(Settings settings) {
    String text = settings.text("granularity");
    return Granularity.parse(text)
        .orElseThrow(() -> settings.wrong("granularity", text, "Use tensor, row, or group(128)"));
  }

  private static Clip clip(Settings settings) {
    String text = settings.text("clip", "absmax");
    Optional<Call> call = Call.parse(text);
    if (call.isPresent() && call.get().is("absmax")) {
      return new Clip.AbsMax();
    }
    if (call.isPresent() && call.get().is("mse")) {
      return new Clip.Mse();
    }
    if (call.isPresent() && call.get().is("sigma", Double.MIN_VALUE, 1e6)) {
      return new Clip.Sigma(call.get().number().getAsDouble());
    }
    throw settings.wrong("clip", text, "Use absmax, mse, or sigma(2.5) with a number above 0");
  }

  private static Stage smooth(Settings settings) {
    return new Smooth(
        settings.number("alpha", 0.5, 0, 1),
        settings.number("least", 1e-5, 1e-30, 1e30),
        settings.number("most", 1e4, 1e-30, 1e30),
        settings.choice("channel-type", DType.class, DType.F32));
  }

  private static Stage awq(Settings settings) {
    return new Awq(
        settings.has("steps") ? settings.integer("steps", 1, 1000) : 20,
        settings.choice("scaling", Awq.Scaling.class, Awq.Scaling.ACTIVATION),
        settings.choice("channel-type", DType.class, DType.F32),
        quantizer(settings));
  }

  private static Stage awqClip(Settings settings) {
    int steps = settings.has("steps") ? settings.integer("steps", 0, AwqClip.MOST_STEPS) : 10;
    return new AwqClip(steps, quantizer(settings));
  }

  private static Quantize quantizer(Settings settings) {
    Settings inner = Settings.of(settings.nested("quantizer"), "quantizer");
    Quantize quantizer = quantize(inner);
    inner.finish();
    return quantizer;
  }

  private static Stage rotate(Settings settings) {
    return new Rotate(
        settings.choice("kind", Rotate.Kind.class, Rotate.Kind.HADAMARD),
        settings.has("replicate") ? settings.integer("replicate", 0, Integer.MAX_VALUE) : 0);
  }

  private static Stage activations(Settings settings) {
    return new Activations(
        settings.integer("bits", 2, Activations.EXACT), settings.number("clip-ratio", 1, 1e-3, 1));
  }

  private static Stage factor(Settings settings) {
    return new Factor(
        rank(settings),
        metric(settings),
        settings.choice("then", Factor.Then.class, Factor.Then.NONE),
        nested(settings, "left"),
        nested(settings, "right"));
  }

  private static Rank rank(Settings settings) {
    String text = settings.text("rank").strip();
    Optional<Call> call = Call.parse(text);
    if (call.isPresent() && call.get().is("ratio", Double.MIN_VALUE, 1e3)) {
      return new Rank.Ratio(call.get().number().getAsDouble());
    }
    if (call.isPresent()) {
      throw settings.wrong("rank", text, "Use a whole number, or ratio(0.5) with a number above 0");
    }
    return new Rank.Fixed(settings.integer("rank", 1, 1 << 20));
  }

  private static Metric metric(Settings settings) {
    String text = settings.text("metric", "frobenius");
    Call call = Call.parse(text).orElse(Call.NONE);
    if (call.is("frobenius")) {
      return new Metric.Frobenius();
    }
    if (call.is("activation", 0, 16)) {
      return new Metric.Activation(call.number().getAsDouble());
    }
    if (call.is("whitening")) {
      return new Metric.Whitening(Metric.Root.CHOLESKY);
    }
    if (call.is("whitening-eigen")) {
      return new Metric.Whitening(Metric.Root.EIGEN);
    }
    if (call.is("fisher-rows")) {
      return new Metric.FisherRows();
    }
    throw settings.wrong(
        "metric",
        text,
        "Use frobenius, activation(0.5) with a number from 0 to 16, whitening, whitening-eigen, or"
            + " fisher-rows");
  }

  /** A recipe for a factor: kept in the checkpoint's type unless the block says otherwise. */
  private static Recipe nested(Settings settings, String key) {
    if (!settings.has(key)) {
      return Recipe.forFactor(List.of(new Keep(ValueType.SOURCE)));
    }
    Config block = settings.nested(key);
    Settings inner = Settings.of(block, key);
    List<Stage> stages = parse(inner.blocks("stages"), key);
    inner.finish();
    try {
      return Recipe.forFactor(stages);
    } catch (UnfitException e) {
      throw new InputException(
          block.origin().description(), e.getMessage(), "Change its stages", e);
    }
  }
}
