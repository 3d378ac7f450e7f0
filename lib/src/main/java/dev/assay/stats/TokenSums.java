package dev.assay.stats;

import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Gathers what {@link InputStatistics} say of single channels, block by block: all but H. Sums are
 * in double, in the order in which blocks are added; the rows kept are those whose numbers hash
 * lowest under a seed, which does not depend on any order. Not for several threads.
 */
public final class TokenSums {
  private final int width;
  private final int keep;
  private final long seed;
  private final double[] sums;
  private final double[] max;
  private final TreeSet<Kept> kept = new TreeSet<>(Comparator.naturalOrder());
  private long tokens;

  private record Kept(long hash, long token, float[] values) implements Comparable<Kept> {
    @Override
    public int compareTo(Kept other) {
      int byHash = Long.compareUnsigned(hash, other.hash);
      return byHash != 0 ? byHash : Long.compare(token, other.token);
    }
  }

  /**
   * Gathers nothing yet.
   *
   * @param width channels of the input
   * @param keep how many tokens to keep at most
   * @param seed which
   */
  public TokenSums(int width, int keep, long seed) {
    this.width = width;
    this.keep = keep;
    this.seed = seed;
    this.sums = new double[width];
    this.max = new double[width];
  }

  /**
   * Adds the next tokens.
   *
   * @param rows tokens × in
   * @throws IllegalArgumentException if it has another width
   * @throws NonFiniteException if it has an entry that is not finite
   */
  public void add(Matrix rows) {
    if (rows.cols() != width) {
      throw new IllegalArgumentException(rows.cols() + " channels, not " + width);
    }
    if (rows.firstNonFinite() >= 0) {
      throw new NonFiniteException("The model's activations are not finite");
    }
    for (int t = 0, at = 0; t < rows.rows(); t++, tokens++) {
      long hash = mix(seed + tokens);
      if (isKept(hash)) {
        float[] values = new float[width];
        System.arraycopy(rows.data(), at, values, 0, width);
        kept.add(new Kept(hash, tokens, values));
        if (kept.size() > keep) {
          kept.pollLast();
        }
      }
      for (int j = 0; j < width; j++, at++) {
        double size = Math.abs(rows.data()[at]);
        sums[j] += size;
        max[j] = Math.max(max[j], size);
      }
    }
  }

  private boolean isKept(long hash) {
    return kept.size() < keep || (keep > 0 && Long.compareUnsigned(hash, kept.last().hash()) < 0);
  }

  /** Number of tokens added. */
  public long tokens() {
    return tokens;
  }

  /** Mean |xⱼ| of every channel. */
  double[] meanAbs() {
    double[] mean = sums.clone();
    for (int j = 0; j < width; j++) {
      mean[j] /= tokens;
    }
    return mean;
  }

  /** Largest |xⱼ| of every channel. */
  double[] maxAbs() {
    return max.clone();
  }

  /** The tokens kept, in their order: rows × in. */
  Matrix rows() {
    List<Kept> inOrder = new ArrayList<>(kept);
    inOrder.sort(Comparator.comparingLong(Kept::token));
    Matrix rows = Matrix.zeros(inOrder.size(), width);
    for (int i = 0; i < inOrder.size(); i++) {
      System.arraycopy(inOrder.get(i).values(), 0, rows.data(), i * width, width);
    }
    return rows;
  }

  /** SplitMix64's finalizer (Steele, Lea, Flood, 2014). */
  private static long mix(long number) {
    long z = number * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
