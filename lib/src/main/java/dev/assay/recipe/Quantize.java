package dev.assay.recipe;

import dev.assay.part.Codes;
import dev.assay.part.Granularity;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rounds every entry to the nearest code of a uniform grid: ŵ = s·(q − z).
 *
 * <p>Scales are fitted to the entries that are still to be represented. An entry that is protected
 * gets the code of 0. A scale is rounded to the type it is stored in before codes are chosen, so
 * that the codes are the best for what will be read back.
 *
 * @param bits 2 to 8
 * @param grid how range and bits become scale and zero point
 * @param granularity which entries share a scale
 * @param clip how far the range reaches
 * @param scaleType what scales are stored in
 * @param zeroType what the zero points of an asymmetric grid are stored in
 */
public record Quantize(
    int bits,
    Grid grid,
    Granularity granularity,
    Clip clip,
    DType scaleType,
    Codes.ZeroType zeroType)
    implements Stage {

  public Quantize {
    if (bits < 2 || bits > 8) {
      throw new UnfitException("bits = " + bits + " is not supported; use 2 to 8");
    }
  }

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    Matrix rest = state.rest();
    int cols = rest.cols();
    int granules = granularity.granules(rest.rows(), cols);
    float[] scales = new float[granules];
    byte[] zeros = new byte[granules];
    byte[] codes = new byte[rest.size()];
    for (int granule = 0, from = 0; granule < granules; granule++) {
      int to = end(from, rest.size(), cols);
      Grid.Fit fit = fit(Granule.of(state, from, to));
      scales[granule] = fit.scale();
      zeros[granule] = (byte) fit.zero();
      for (int i = from; i < to; i++) {
        int code = state.frozen(i) ? fit.zero() : grid.code(rest.data()[i], fit, bits);
        codes[i] = (byte) code;
      }
      from = to;
    }
    Codes.Zeros stored =
        grid.symmetric()
            ? new Codes.Zeros.Implied(grid.impliedZero(bits))
            : new Codes.Zeros.Stored(zeros, zeroType);
    return state.finish(
        new Codes(rest.rows(), cols, bits, granularity, codes, scales, scaleType, stored));
  }

  private int end(int from, int size, int cols) {
    int span = granularity.span(cols);
    if (span > cols) {
      return size;
    }
    int rowEnd = (from / cols + 1) * cols;
    return Math.min(from + span, rowEnd);
  }

  private Grid.Fit fit(Granule granule) {
    Grid.Fit exact = clip.fit(granule, grid, bits);
    float rounded = scaleType.round(exact.scale());
    if (rounded == 0 || Float.isInfinite(rounded)) {
      throw new UnfitException(
          "A scale of "
              + exact.scale()
              + " cannot be stored as "
              + scaleType.label()
              + "; use scale-type = f32");
    }
    return new Grid.Fit(rounded, exact.zero());
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
      map.put("zero-type", zeroType.name().toLowerCase(Locale.ROOT));
    }
    return map;
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
