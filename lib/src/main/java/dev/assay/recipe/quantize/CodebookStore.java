package dev.assay.recipe.quantize;

import dev.assay.part.Codebook;
import dev.assay.part.Levels;
import dev.assay.tensor.DType;

/** Tables of levels on their way to storage, each rounded to a type. */
final class CodebookStore implements LevelStore {
  private final int size;
  private final int groups;
  private final DType type;
  private final float[] values;

  CodebookStore(int size, int groups, int count, DType type) {
    this.size = size;
    this.groups = groups;
    this.type = type;
    this.values = new float[Math.multiplyExact(count, size)];
  }

  @Override
  public Fit[] settle(int group, Fit[] exact) {
    Fit[] stored = new Fit[exact.length];
    for (int row = 0; row < exact.length; row++) {
      CodebookFit fit = ((CodebookFit) exact[row]).stored(type);
      System.arraycopy(fit.levels(), 0, values, (row * groups + group) * size, size);
      stored[row] = fit;
    }
    return stored;
  }

  @Override
  public Levels levels() {
    return new Codebook(size, 1, values, type);
  }
}
