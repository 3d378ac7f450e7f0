package dev.assay.stats;

import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Symmetric;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Function;

/** Reads sums over tokens or examples, Σ v·vᵀ among them, which any program may have written. */
final class Moments {
  private Moments() {}

  /**
   * Reads of how many tokens or examples something is.
   *
   * @param wrong the error that a problem makes
   * @throws InputException if it is not one whole number above 0
   */
  static long count(SafetensorsFile file, String name, Function<String, InputException> wrong)
      throws IOException {
    long[] counts = file.longs(name);
    if (counts.length != 1 || counts[0] < 1) {
      throw wrong.apply(
          name + (counts.length == 1 ? " is " + counts[0] : " has " + counts.length + " numbers"));
    }
    return counts[0];
  }

  /**
   * Reads a tensor of a file.
   *
   * @param wrong the error that a problem makes
   * @throws InputException if it is not width × width, finite, nowhere negative on its diagonal and
   *     symmetric to 1e-6·√(Hᵢᵢ·Hⱼⱼ): sums of numbers that cancel differ by as much
   */
  static Symmetric read(
      SafetensorsFile file, String name, int width, Function<String, InputException> wrong)
      throws IOException {
    double[] data = file.doubles(name);
    if (data.length != (long) width * width) {
      throw wrong.apply(name + " must be " + width + " × " + width);
    }
    if (!Arrays.stream(data).allMatch(Double::isFinite)) {
      throw wrong.apply(name + " holds numbers that are not finite");
    }
    for (int i = 0; i < width; i++) {
      if (data[i * width + i] < 0) {
        throw wrong.apply(name + " has " + data[i * width + i] + " on its diagonal");
      }
      for (int j = 0; j < i; j++) {
        double upper = data[j * width + i];
        double lower = data[i * width + j];
        double scale = Math.sqrt(data[i * width + i] * data[j * width + j]);
        if (Math.abs(upper - lower) > 1e-6 * scale) {
          throw wrong.apply(name + " is not symmetric at [" + i + ", " + j + "]");
        }
        data[j * width + i] = lower;
      }
    }
    return Symmetric.of(width, data);
  }
}
