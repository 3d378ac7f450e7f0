package dev.assay.recipe.quantize;

import dev.assay.config.Settings;
import dev.assay.part.Codes;
import dev.assay.part.Granularity;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rounds every entry to the nearest code of a uniform grid: ŵ = s·(q − z).
 *
 * <p>Scales are fitted to the entries that are still to be represented. An entry that is protected
 * gets the code of 0.
 *
 * @param bits 2 to 8
 * @param grid how range and bits become scale and zero point
 * @param granularity which entries share a scale
 * @param clip how far the range reaches
 * @param scaleType what scales are stored in
 * @param zeroType what the zero points of an asymmetric grid are stored in
 * @param second whether scales and zero points are quantized themselves; the two types are then
 *     those of the second level's scales and zero points
 */
public record Quantize(
    int bits,
    Grid grid,
    Granularity granularity,
    Clip clip,
    DType scaleType,
    Codes.ZeroType zeroType,
    ScaleBits second)
    implements Stage {

  public Quantize {
    if (bits < 2 || bits > 8) {
      throw new UnfitException("bits = " + bits + " is not supported; use 2 to 8");
    }
    if (grid.realZero() && zeroType.real().isEmpty()) {
      throw new UnfitException(
          "zero-type = "
              + label(zeroType)
              + " holds codes, the zero points of grid = "
              + grid.label()
              + " are real numbers; use f16 or f32");
    }
    if (second.zeros() > 0 && !grid.realZero()) {
      throw new UnfitException(
          "zero-bits = "
              + second.zeros()
              + " means nothing for grid = "
              + grid.label()
              + ", whose zero points are codes; use grid = min-max");
    }
    if (second.any() && granularity instanceof Granularity.Tensor) {
      throw new UnfitException("A tensor has one scale; scale-bits and zero-bits need several");
    }
  }

  /** Reads the stage from its block. */
  public static Quantize read(Settings settings) {
    Grid grid = settings.choice("grid", Grid.class);
    return new Quantize(
        settings.integer("bits", 2, 8),
        grid,
        granularity(settings),
        Clip.read(settings),
        settings.choice("scale-type", DType.class, DType.F32),
        settings.choice(
            "zero-type",
            Codes.ZeroType.class,
            grid.realZero() ? Codes.ZeroType.F32 : Codes.ZeroType.PACKED),
        ScaleBits.read(settings));
  }

  private static Granularity granularity(Settings settings) {
    String text = settings.text("granularity");
    return Granularity.parse(text)
        .orElseThrow(() -> settings.wrong("granularity", text, "Use tensor, row, or group(128)"));
  }

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    Matrix rest = state.rest();
    int cols = rest.cols();
    Coder coder = new Coder(this, rest.rows(), cols);
    for (int group = 0; group < coder.groups(); group++) {
      Grid.Fit[] fits = new Grid.Fit[coder.rows()];
      for (int row = 0; row < fits.length; row++) {
        int from = row * coder.height() * cols + coder.start(group);
        int to = from + (coder.height() - 1) * cols + coder.end(group) - coder.start(group);
        fits[row] = clip.fit(Granule.of(state, from, to), grid, bits);
      }
      coder.settle(group, fits);
    }
    byte[] codes = new byte[rest.size()];
    for (int row = 0, i = 0; row < rest.rows(); row++) {
      for (int group = 0; group < coder.groups(); group++) {
        Grid.Fit fit = coder.fit(row, coder.start(group));
        for (int col = coder.start(group); col < coder.end(group); col++, i++) {
          codes[i] = (byte) grid.code(state.frozen(i) ? 0 : rest.data()[i], fit, bits);
        }
      }
    }
    return state.finish(coder.codes(codes, state.pruned()));
  }

  @Override
  public Outline plan(Outline before) {
    return before.completed();
  }

  @Override
  public Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>();
    map.put("version", 1);
    map.put("bits", bits);
    map.put("grid", grid.label());
    map.put("granularity", granularity.toString());
    map.put("clip", clip.toString());
    map.put("scale-type", scaleType.label());
    if (!grid.symmetric()) {
      map.put("zero-type", label(zeroType));
    }
    if (second.any()) {
      map.put("scale-bits", second.scales());
      map.put("zero-bits", second.zeros());
      map.put("second-level-rows", second.rows());
    }
    return map;
  }

  private static String label(Codes.ZeroType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, Number> columns(int rows, int cols) {
    return granularity instanceof Granularity.Group group
        ? Map.of("bits", bits, "group_size", group.size())
        : Map.of("bits", bits);
  }

  @Override
  public Work work(int rows, int cols) {
    return new Work(0, (4 + clip.scans()) * rows * cols);
  }
}
