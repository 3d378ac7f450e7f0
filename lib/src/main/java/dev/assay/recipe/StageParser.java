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

/** Reads stages from configuration blocks: {@code {stage = quantize, bits = 4, …}}. */
final class StageParser {
  private static final Map<String, Function<Settings, Stage>> STAGES =
      new TreeMap<>(
          Map.of(
              "keep", StageParser::keep,
              "protect", StageParser::protect,
              "quantize", StageParser::quantize,
              "factor", StageParser::factor));

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
              "principal", settings -> new Score.Principal(settings.integer("rank", 1, 1 << 20))));

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

  private static Stage quantize(Settings settings) {
    return new Quantize(
        settings.integer("bits", 2, 8),
        settings.choice("grid", Grid.class),
        granularity(settings),
        clip(settings),
        settings.choice("scale-type", DType.class, DType.F32),
        settings.choice("zero-type", Codes.ZeroType.class, Codes.ZeroType.PACKED));
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

  private static Stage factor(Settings settings) {
    return new Factor(
        rank(settings),
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
