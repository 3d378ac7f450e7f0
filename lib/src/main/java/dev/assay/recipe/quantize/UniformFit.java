package dev.assay.recipe.quantize;

/**
 * A granule's scale and zero point: code q stands for s·(q − z).
 *
 * @param levels how an entry becomes a code
 * @param bits of a code
 * @param scale s, above 0; 0 where nothing but zeros can be represented
 * @param zero z, the code of 0
 */
record UniformFit(Uniform levels, int bits, float scale, float zero) implements Fit {
  @Override
  public int code(float w) {
    return scale == 0 ? 0 : levels.code(w, this);
  }

  @Override
  public float decode(int code) {
    return scale * (code - zero);
  }
}
