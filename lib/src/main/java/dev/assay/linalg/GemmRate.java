package dev.assay.linalg;

import dev.ludovic.netlib.blas.BLAS;

/** The self test of a BLAS: rate of a square matrix product, in 10⁹ operations per second. */
final class GemmRate {
  private static final int N = 512;
  private static final long BUDGET_NANOS = 40_000_000;

  private GemmRate() {}

  static double ofDouble(BLAS blas) {
    double[] a = new double[N * N];
    double[] b = new double[N * N];
    double[] c = new double[N * N];
    for (int i = 0; i < a.length; i++) {
      a[i] = value(i);
      b[i] = value(i + 1);
    }
    return best(() -> blas.dgemm("N", "N", N, N, N, 1, a, N, b, N, 0, c, N));
  }

  static double ofSingle(BLAS blas) {
    float[] a = new float[N * N];
    float[] b = new float[N * N];
    float[] c = new float[N * N];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) value(i);
      b[i] = (float) value(i + 1);
    }
    return best(() -> blas.sgemm("N", "N", N, N, N, 1, a, N, b, N, 0, c, N));
  }

  private static double value(int i) {
    return (i % 17) / 17.0 - 0.5;
  }

  /** The first product warms caches and compiler; then the best within the time budget counts. */
  private static double best(Runnable product) {
    product.run();
    long best = Long.MAX_VALUE;
    long begin = System.nanoTime();
    do {
      long start = System.nanoTime();
      product.run();
      best = Math.min(best, System.nanoTime() - start);
    } while (System.nanoTime() - begin < BUDGET_NANOS);
    return 2.0 * N * N * N / Math.max(1, best);
  }
}
