package dev.assay.linalg;

import dev.assay.tensor.Matrix;
import java.util.SplittableRandom;

/**
 * The leading triplets by a randomized range finder: Halko, Martinsson, Tropp, SIAM Review 53(2),
 * 2011, algorithms 4.4 and 5.1, in single precision, re-orthonormalized at every half step.
 *
 * <p>Three power iterations and max(10, rank / 2) columns more than asked for: the spectra of
 * transformer weights fall slowly, and the usual two and ten miss the best residual by 4 % at rank
 * 192 of 384. With these it is within 1 % (0.7 % was the most over ranks 8 to 192 of the matrices
 * of a fine-tuned MiniLM and a 1024 × 1024 Gaussian one).
 *
 * <p>About 8·2mnL operations, L = rank + oversampling. The test matrix is Gaussian and depends on
 * the seed, the rank and the number of columns of W only, the same bits on every machine.
 */
record RandomizedFactorizer(long seed) implements LocalFactorizer {
  private static final int LEAST_OVERSAMPLING = 10;
  private static final int POWER_ITERATIONS = 3;

  @Override
  public FactorizerKind kind() {
    return FactorizerKind.RANDOMIZED;
  }

  @Override
  public Factors factorize(Matrix w, int rank) {
    LocalFactorizer.check("the randomized factorizer", w, rank);
    int m = w.rows();
    int n = w.cols();
    int oversampling = Math.max(LEAST_OVERSAMPLING, rank / 2);
    int width = (int) Math.min(Math.min(m, n), (long) rank + oversampling);
    // Column-major throughout, where w is Wᵀ, n × m: "T" below is W, "N" is Wᵀ.
    float[] left = new float[Math.multiplyExact(m, width)];
    float[] right = gaussian(Math.multiplyExact(n, width));
    Blas.gemm("T", "N", m, width, n, w.data(), n, right, n, left);
    Lapack.orthonormalize(m, width, left);
    for (int i = 0; i < POWER_ITERATIONS; i++) {
      Blas.gemm("N", "N", n, width, m, w.data(), n, left, m, right);
      Lapack.orthonormalize(n, width, right);
      Blas.gemm("T", "N", m, width, n, w.data(), n, right, n, left);
      Lapack.orthonormalize(m, width, left);
    }
    // W ≈ Q·QᵀW, and WᵀQ = VΣPᵀ, so U = QP.
    Blas.gemm("N", "N", n, width, m, w.data(), n, left, m, right);
    Lapack.SingleSvd svd = Lapack.svd(n, width, right);
    float[] u = new float[left.length];
    Blas.gemm("N", "T", m, width, width, left, m, svd.vt(), width, u);
    return Factors.of(
            Matrix.of(width, m, u).transpose(),
            Blas.widen(svd.sigma()),
            Matrix.of(width, n, svd.u()).transpose(),
            w.squaredNorm())
        .slice(rank);
  }

  /** Standard normal numbers by Marsaglia's polar method, in exactly specified arithmetic. */
  private float[] gaussian(int count) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] out = new float[count];
    for (int i = 0; i < count; ) {
      double x = 2 * unit(random) - 1;
      double y = 2 * unit(random) - 1;
      double s = x * x + y * y;
      if (s > 0 && s < 1) {
        double scale = StrictMath.sqrt(-2 * StrictMath.log(s) / s);
        out[i++] = (float) (x * scale);
        if (i < count) {
          out[i++] = (float) (y * scale);
        }
      }
    }
    return out;
  }

  private static double unit(SplittableRandom random) {
    return (random.nextLong() >>> 11) * 0x1.0p-53;
  }
}
