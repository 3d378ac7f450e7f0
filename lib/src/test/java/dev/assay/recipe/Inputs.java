package dev.assay.recipe;

import dev.assay.linalg.Symmetric;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.util.SplittableRandom;

/** Inputs of linears for tests, and what calibration would say of them. */
public final class Inputs {
  private Inputs() {}

  /** Statistics of which only H is known. */
  public static InputStatistics of(Symmetric hessian) {
    int n = hessian.size();
    return new InputStatistics(0, new double[n], new double[n], hessian, Matrix.zeros(0, n));
  }

  /** H = XᵀX of correlated channels of unequal size. */
  public static Symmetric hessian(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] size = new double[n];
    for (int j = 0; j < n; j++) {
      size[j] = Math.exp(random.nextDouble() * 3 - 1.5);
    }
    double[] h = new double[n * n];
    for (int token = 0; token < 3 * n + 5; token++) {
      double common = random.nextDouble() - 0.5;
      double[] x = new double[n];
      for (int j = 0; j < n; j++) {
        x[j] = size[j] * (common + random.nextDouble() - 0.5);
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          h[i * n + j] += x[i] * x[j];
        }
      }
    }
    return Symmetric.of(n, h);
  }

  /** A weight of seeded numbers, some of them large. */
  public static Matrix weight(int rows, int cols, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Matrix weight = Matrix.zeros(rows, cols);
    for (int i = 0; i < weight.size(); i++) {
      double centred = random.nextDouble() - 0.5;
      weight.data()[i] = (float) (random.nextInt(40) == 0 ? 6 * centred : centred);
    }
    return weight;
  }
}
