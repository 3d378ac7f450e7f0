package dev.assay.evaluate.answers;

/** The cosine of the angle between two vectors. */
public final class Cosine {
  private Cosine() {}

  /**
   * ⟨a, b⟩ / (‖a‖·‖b‖), summed in double; NaN if one of them is zero, which has no direction, or a
   * value is not finite.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public static double of(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException("Lengths " + a.length + " and " + b.length);
    }
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / (Math.sqrt(aa) * Math.sqrt(bb));
  }
}
