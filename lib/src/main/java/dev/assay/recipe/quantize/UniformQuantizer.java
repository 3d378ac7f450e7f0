package dev.assay.recipe.quantize;

import dev.assay.config.Settings;
import dev.assay.part.Granularity;
import dev.assay.part.UniformLevels.ZeroType;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import dev.assay.tensor.DType;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Uniform levels: ŵ = s·(q − z), scales fitted to the range of a granule's entries.
 *
 * @param bits 2 to 8
 * @param uniform how range and bits become scale and zero point
 * @param granularity which entries share a scale
 * @param clip how far the range reaches
 * @param scaleType what scales are stored in
 * @param zeroType what the zero points of an asymmetric grid are stored in
 * @param second whether scales and zero points are quantized themselves; the two types are then
 *     those of the second level's scales and zero points
 */
public record UniformQuantizer(
    int bits,
    Uniform uniform,
    Granularity granularity,
    Clip clip,
    DType scaleType,
    ZeroType zeroType,
    ScaleBits second)
    implements Quantizer {

  public UniformQuantizer {
    if (bits < 2 || bits > 8) {
      throw new UnfitException("bits = " + bits + " is not supported; use 2 to 8");
    }
    if (uniform.realZero() && zeroType.real().isEmpty()) {
      throw new UnfitException(
          "zero-type = "
              + label(zeroType)
              + " holds codes, the zero points of grid = "
              + uniform.label()
              + " are real numbers; use f16 or f32");
    }
    if (second.zeros() > 0 && !uniform.realZero()) {
      throw new UnfitException(
          "zero-bits = "
              + second.zeros()
              + " means nothing for grid = "
              + uniform.label()
              + ", whose zero points are codes; use grid = min-max");
    }
    if (second.any() && granularity instanceof Granularity.Tensor) {
      throw new UnfitException("A tensor has one scale; scale-bits and zero-bits need several");
    }
  }

  static UniformQuantizer read(Settings settings) {
    Uniform uniform = settings.choice("grid", Uniform.class);
    return new UniformQuantizer(
        settings.integer("bits", 2, 8),
        uniform,
        Quantizers.granularity(settings),
        Clip.read(settings),
        settings.choice("scale-type", DType.class, DType.F32),
        settings.choice(
            "zero-type", ZeroType.class, uniform.realZero() ? ZeroType.F32 : ZeroType.PACKED),
        ScaleBits.read(settings));
  }

  @Override
  public Quantizer with(Granularity other) {
    return new UniformQuantizer(bits, uniform, other, clip, scaleType, zeroType, second);
  }

  @Override
  public Fit fit(Granule granule) {
    return clip.fit(granule, uniform, bits);
  }

  @Override
  public LevelStore store(int groups, int count) {
    return new UniformStore(this, groups, count);
  }

  @Override
  public Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>();
    map.put("version", 1);
    map.put("bits", bits);
    map.put("grid", uniform.label());
    map.put("granularity", granularity.toString());
    map.put("clip", clip.toString());
    map.put("scale-type", scaleType.label());
    if (!uniform.symmetric()) {
      map.put("zero-type", label(zeroType));
    }
    if (second.any()) {
      map.put("scale-bits", second.scales());
      map.put("zero-bits", second.zeros());
      map.put("second-level-rows", second.rows());
    }
    return map;
  }

  private static String label(ZeroType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Work work(int rows, int cols) {
    return new Work(0, (4 + clip.scans()) * rows * cols);
  }
}
