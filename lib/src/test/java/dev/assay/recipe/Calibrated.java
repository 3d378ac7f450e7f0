package dev.assay.recipe;

import dev.assay.linalg.Symmetric;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Inputs of tests, and what calibration would learn of them, by plain loops in double. */
public final class Calibrated {
  private Calibrated() {}

  /** Correlated inputs whose channels differ in size by up to e^±{@code spread}. */
  public static Matrix inputs(int tokens, int width, double spread, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] size = new double[width];
    for (int j = 0; j < width; j++) {
      size[j] = Math.exp(spread * (2 * random.nextDouble() - 1));
    }
    Matrix x = Matrix.zeros(tokens, width);
    for (int t = 0; t < tokens; t++) {
      double common = random.nextGaussian();
      for (int j = 0; j < width; j++) {
        x.data()[t * width + j] = (float) (size[j] * (random.nextGaussian() + 0.5 * common));
      }
    }
    return x;
  }

  /** Gaussian inputs whose channels have very different sizes. */
  public static Matrix inputs(int tokens, int width, long seed) {
    return inputs(tokens, width, 3, seed);
  }

  /** Gaussian weights of the usual size. */
  public static Matrix weight(int rows, int cols, long seed) {
    Matrix weight = gaussian(rows, cols, seed);
    for (int i = 0; i < weight.size(); i++) {
      weight.data()[i] *= 0.05f;
    }
    return weight;
  }

  public static Matrix gaussian(int rows, int cols, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Matrix matrix = Matrix.zeros(rows, cols);
    for (int i = 0; i < matrix.size(); i++) {
      matrix.data()[i] = (float) random.nextGaussian();
    }
    return matrix;
  }

  public static InputStatistics statistics(Matrix x) {
    return statistics(x, hessian(x));
  }

  /** The statistics of X with H given. */
  public static InputStatistics statistics(Matrix x, Symmetric hessian) {
    double[] mean = new double[x.cols()];
    double[] max = new double[x.cols()];
    for (int t = 0; t < x.rows(); t++) {
      for (int j = 0; j < x.cols(); j++) {
        mean[j] += Math.abs((double) x.at(t, j)) / x.rows();
        max[j] = Math.max(max[j], Math.abs(x.at(t, j)));
      }
    }
    return new InputStatistics(x.rows(), mean, max, hessian, x);
  }

  private static Symmetric hessian(Matrix x) {
    int n = x.cols();
    double[] h = new double[n * n];
    for (int t = 0; t < x.rows(); t++) {
      for (int i = 0; i < n; i++) {
        double xi = x.at(t, i);
        for (int j = 0; j < n; j++) {
          h[i * n + j] += xi * x.at(t, j);
        }
      }
    }
    return Symmetric.of(n, h);
  }

  public static Matrix effective(String entry, Matrix weight, Knowledge knowledge) {
    return Recipes.one(entry).compress(weight, DType.F32, knowledge).decode();
  }

  public static Matrix effective(String entry, Matrix weight, InputStatistics statistics) {
    return effective(entry, weight, TestKnowledge.of(weight, statistics));
  }

  /** tr(D·H·Dᵀ) of D = W − Ŵ. */
  public static double outputError(Matrix weight, Matrix effective, Symmetric h) {
    int n = weight.cols();
    double sum = 0;
    double[] d = new double[n];
    for (int i = 0; i < weight.rows(); i++) {
      for (int j = 0; j < n; j++) {
        d[j] = (double) weight.at(i, j) - effective.at(i, j);
      }
      for (int j = 0; j < n; j++) {
        double product = 0;
        for (int k = 0; k < n; k++) {
          product += h.at(j, k) * d[k];
        }
        sum += d[j] * product;
      }
    }
    return sum;
  }
}
