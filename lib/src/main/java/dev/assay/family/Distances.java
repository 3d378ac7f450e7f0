package dev.assay.family;

/**
 * T5's buckets of distances between two tokens (Raffel et al., 2020, §2.1), half of them for each
 * direction: near ones have a bucket each, farther ones share them by the logarithm.
 */
public final class Distances {
  /** All that is farther shares the last bucket. */
  private static final float FARTHEST = 128;

  private Distances() {}

  /**
   * The bucket of a distance, key's position minus query's, in float as Transformers computes it.
   *
   * @param buckets number of buckets
   */
  public static int bucket(int distance, int buckets) {
    int half = buckets / 2;
    int first = distance > 0 ? half : 0;
    int far = Math.abs(distance);
    int exact = half / 2;
    if (far < exact) {
      return first + far;
    }
    float share = (float) Math.log(far / (float) exact) / (float) Math.log(FARTHEST / exact);
    return first + Math.min(half - 1, exact + (int) (share * (half - exact)));
  }
}
