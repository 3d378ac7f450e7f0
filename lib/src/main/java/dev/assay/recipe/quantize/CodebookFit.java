package dev.assay.recipe.quantize;

import dev.assay.tensor.DType;
import java.util.Arrays;

/**
 * A granule's table of levels, ascending; of two equally near ones the lower is taken.
 *
 * @param levels one per code
 */
record CodebookFit(float[] levels) implements Fit {
  @Override
  public int code(float w) {
    int found = Arrays.binarySearch(levels, w);
    if (found >= 0) {
      return found;
    }
    int above = -found - 1;
    if (above == 0) {
      return 0;
    }
    boolean below =
        above == levels.length || (double) w - levels[above - 1] <= (double) levels[above] - w;
    return below ? above - 1 : above;
  }

  @Override
  public float decode(int code) {
    return levels[code];
  }

  /** The same as they are read back from storage. */
  CodebookFit stored(DType type) {
    float[] rounded = new float[levels.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = type.round(levels[i]);
    }
    return new CodebookFit(rounded);
  }
}
