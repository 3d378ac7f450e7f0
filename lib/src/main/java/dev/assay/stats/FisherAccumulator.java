package dev.assay.stats;

import dev.assay.linalg.Blas;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Matrix;

/**
 * Gathers the {@link Fisher} information of one weight, an example at a time. Sums are in double,
 * in the order in which examples are added. Not for several threads.
 *
 * <p>Memory is 8·(out·in + in² + out²) bytes, and while an example is added 4·out·in + 8·max(in,
 * out)² more; an example of t tokens costs t·(2·out·in + in² + out²) operations.
 */
public final class FisherAccumulator {
  private final int out;
  private final int in;
  private final double[] squares;
  private final double[] input;
  private final double[] output;
  private long examples;

  /**
   * Gathers nothing yet.
   *
   * @param out rows of the weight
   * @param in its columns
   */
  public FisherAccumulator(int out, int in) {
    this.out = out;
    this.in = in;
    this.squares = new double[Math.multiplyExact(out, in)];
    this.input = new double[Math.multiplyExact(in, in)];
    this.output = new double[Math.multiplyExact(out, out)];
  }

  /**
   * Adds an example.
   *
   * @param x what entered the linear, tokens × in
   * @param g gradients of the example's loss by what left it, tokens × out
   * @throws IllegalArgumentException if the shapes do not fit
   * @throws NonFiniteException if an entry is not finite
   */
  public void add(Matrix x, Matrix g) {
    if (x.cols() != in || g.cols() != out || x.rows() != g.rows()) {
      throw new IllegalArgumentException(
          x + " and " + g + " are no input and gradient of " + out + " × " + in);
    }
    if (x.firstNonFinite() >= 0 || g.firstNonFinite() >= 0) {
      throw new NonFiniteException("The model's gradients are not finite");
    }
    float[] gradient = Blas.transposedMultiply(g, x).data();
    for (int i = 0; i < squares.length; i++) {
      squares[i] += (double) gradient[i] * gradient[i];
    }
    add(Blas.gram(x), input);
    add(Blas.gram(g), output);
    examples++;
  }

  private static void add(double[] more, double[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
  }

  /**
   * What was gathered.
   *
   * @throws IllegalStateException if nothing was
   */
  public Fisher finish() {
    if (examples == 0) {
      throw new IllegalStateException("No examples were added");
    }
    Matrix diagonal = Matrix.zeros(out, in);
    for (int i = 0; i < squares.length; i++) {
      diagonal.data()[i] = (float) (squares[i] / examples);
    }
    return new Fisher(
        examples, diagonal, Symmetric.of(in, input.clone()), Symmetric.of(out, output.clone()));
  }
}
