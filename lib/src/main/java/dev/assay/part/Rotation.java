package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Hadamard;
import dev.assay.linalg.RandomOrthogonal;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A randomized Hadamard rotation of the input channels (QuaRot, Ashkboos et al., arXiv:2404.00456):
 * T = diag(±1)·(H ⊗ C)/√n, orthogonal, so T⁻¹ = Tᵀ.
 *
 * <p>H is Sylvester's Hadamard matrix of order 2^j; C is the smallest of Paley's with which 2^j·p =
 * n: 384 = 32·12, 768 = 64·12, 3072 = 256·12, 2560 = 128·20, and C = 1 for powers of two. Where no
 * such p is at most {@link #LARGEST_CORE}, C is a random orthogonal matrix of n's odd part instead.
 * Signs and random numbers come from the seed through {@link Random}, which is the same on every
 * machine; stored is the seed alone, 8 bytes.
 *
 * <p>All arithmetic is in double, at n·(p + j) operations per row of a weight.
 */
public final class Rotation implements BasisChange {
  private static final long serialVersionUID = 1L;

  /** The largest order of C. */
  public static final int LARGEST_CORE = 1024;

  private static final int LARGEST_FACTOR = 64;

  private final int width;
  private final long seed;
  private final int core;
  private final double[] signs;
  private final double[] kernel;

  private Rotation(int width, long seed, int core) {
    this.width = width;
    this.seed = seed;
    this.core = core;
    Random random = new Random(seed);
    this.signs = new double[width];
    for (int i = 0; i < width; i++) {
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    this.kernel =
        Hadamard.isPaley(core)
            ? scaled(Hadamard.paley(core), Math.sqrt(core))
            : RandomOrthogonal.of(core, random);
  }

  /**
   * The rotation of {@code width} channels that a seed stands for.
   *
   * @throws IllegalArgumentException if {@link #exists} says that there is none
   */
  public static Rotation of(int width, long seed) {
    int core = core(width);
    if (core == 0) {
      throw new IllegalArgumentException("No rotation of " + width + " channels");
    }
    return new Rotation(width, seed, core);
  }

  /** Whether there is a rotation of so many channels. */
  public static boolean exists(int width) {
    return core(width) > 0;
  }

  /** The order of C, 0 where there is none. */
  private static int core(int width) {
    if (width < 1) {
      return 0;
    }
    int odd = width >> Integer.numberOfTrailingZeros(width);
    for (int order = odd; order <= Math.min(width, LARGEST_CORE); order *= 2) {
      if (Hadamard.isPaley(order)) {
        return order;
      }
    }
    return odd <= LARGEST_CORE ? odd : 0;
  }

  private static double[] scaled(double[] matrix, double divisor) {
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] /= divisor;
    }
    return matrix;
  }

  static Rotation read(int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    byte[] seed = description.bytes(file, prefix + "seed", Long.BYTES);
    int width = description.integer("width", cols, cols);
    if (!exists(width)) {
      throw description.wrong("There is no rotation of " + width + " channels");
    }
    return of(width, ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).getLong());
  }

  /** The random signs, the first factor of T. */
  public float[] signs() {
    float[] narrow = new float[width];
    for (int i = 0; i < width; i++) {
      narrow[i] = (float) signs[i];
    }
    return narrow;
  }

  /**
   * Orthogonal matrices F₁, F₂, … with T = diag(signs)·(F₁ ⊗ F₂ ⊗ …), each small, for those who
   * compute with matrix products.
   */
  public List<Matrix> factors() {
    List<Matrix> factors = new ArrayList<>();
    for (int left = width / core; left > 1; ) {
      int order = Math.min(left, LARGEST_FACTOR);
      factors.add(sylvester(order));
      left /= order;
    }
    if (core > 1) {
      float[] narrow = new float[kernel.length];
      for (int i = 0; i < narrow.length; i++) {
        narrow[i] = (float) kernel[i];
      }
      factors.add(Matrix.of(core, core, narrow));
    }
    return factors;
  }

  private static Matrix sylvester(int order) {
    Matrix factor = Matrix.zeros(order, order);
    for (int i = 0; i < order; i++) {
      for (int j = 0; j < order; j++) {
        int sign = Integer.bitCount(i & j) % 2 == 0 ? 1 : -1;
        factor.data()[i * order + j] = (float) (sign / Math.sqrt(order));
      }
    }
    return factor;
  }

  /** Replaces a row vector x by x·T. */
  void forward(double[] row) {
    for (int i = 0; i < width; i++) {
      row[i] *= signs[i];
    }
    if (core > 1) {
      double[] block = new double[core];
      for (int from = 0; from < width; from += core) {
        System.arraycopy(row, from, block, 0, core);
        Arrays.fill(row, from, from + core, 0);
        for (int k = 0; k < core; k++) {
          for (int j = 0; j < core; j++) {
            row[from + j] += block[k] * kernel[k * core + j];
          }
        }
      }
    }
    sylvester(row);
  }

  /** Replaces a row vector x by x·Tᵀ. */
  void backward(double[] row) {
    sylvester(row);
    if (core > 1) {
      double[] block = new double[core];
      for (int from = 0; from < width; from += core) {
        System.arraycopy(row, from, block, 0, core);
        for (int k = 0; k < core; k++) {
          double sum = 0;
          for (int j = 0; j < core; j++) {
            sum += block[j] * kernel[k * core + j];
          }
          row[from + k] = sum;
        }
      }
    }
    for (int i = 0; i < width; i++) {
      row[i] *= signs[i];
    }
  }

  private void sylvester(double[] row) {
    int order = width / core;
    if (order > 1) {
      Hadamard.transform(row, core);
      double divisor = Math.sqrt(order);
      for (int i = 0; i < width; i++) {
        row[i] /= divisor;
      }
    }
  }

  @Override
  public Matrix into(Matrix weight) {
    return rows(weight, this::forward);
  }

  @Override
  public Matrix back(Matrix weight) {
    return rows(weight, this::backward);
  }

  private interface Move {
    void apply(double[] row);
  }

  private Matrix rows(Matrix matrix, Move move) {
    if (matrix.cols() != width) {
      throw new IllegalArgumentException(matrix + " does not have " + width + " columns");
    }
    Matrix moved = Matrix.zeros(matrix.rows(), width);
    double[] row = new double[width];
    for (int i = 0; i < matrix.rows(); i++) {
      int from = i * width;
      for (int j = 0; j < width; j++) {
        row[j] = matrix.data()[from + j];
      }
      move.apply(row);
      for (int j = 0; j < width; j++) {
        moved.data()[from + j] = (float) row[j];
      }
    }
    return moved;
  }

  @Override
  public Symmetric carry(Symmetric hessian) {
    // Tᵀ·H·T = (H·T)ᵀ·T, as H is symmetric.
    double[] half = rotatedRows(hessian.data());
    double[] turned = rotatedRows(transposed(half));
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (turned[i * width + j] + turned[j * width + i]) / 2;
        turned[i * width + j] = mean;
        turned[j * width + i] = mean;
      }
    }
    return Symmetric.of(width, turned);
  }

  private double[] rotatedRows(double[] square) {
    double[] rotated = new double[square.length];
    double[] row = new double[width];
    for (int i = 0; i < width; i++) {
      System.arraycopy(square, i * width, row, 0, width);
      forward(row);
      System.arraycopy(row, 0, rotated, i * width, width);
    }
    return rotated;
  }

  private double[] transposed(double[] square) {
    double[] transposed = new double[square.length];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        transposed[j * width + i] = square[i * width + j];
      }
    }
    return transposed;
  }

  @Override
  public Matrix inputs(Matrix rows) {
    return into(rows);
  }

  @Override
  public Optional<double[]> carryAbsolute(double[] channels) {
    return Optional.empty();
  }

  @Override
  public List<Payload> payload() {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(seed).array();
    return List.of(new Payload("seed", "I64", List.of(1L), bytes));
  }

  @Override
  public ObjectNode description() {
    return Artifact.describe("rotation").put("width", width);
  }

  @Override
  public long bytes() {
    return Long.BYTES;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Rotation that && width == that.width && seed == that.seed;
  }

  @Override
  public int hashCode() {
    return 31 * width + Long.hashCode(seed);
  }
}
