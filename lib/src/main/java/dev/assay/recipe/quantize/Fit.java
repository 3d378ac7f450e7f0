package dev.assay.recipe.quantize;

/** What the codes of one granule stand for while they are chosen. */
public interface Fit {
  /** The code of the level nearest to {@code w}. */
  int code(float w);

  /** What a code stands for. */
  float decode(int code);
}
