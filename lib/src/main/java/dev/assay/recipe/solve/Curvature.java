package dev.assay.recipe.solve;

import dev.assay.linalg.InverseRoot;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Held;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The second-order picture of an input that a {@link Solve} stage walks through, column by column:
 * H = XᵀX, damped, with its columns in the order of the walk.
 *
 * @param order the column of each step
 * @param dead the columns that never see an input: they are set to 0 and compensate nothing
 * @param root U of the damped H in the order of the walk
 */
record Curvature(int[] order, BitSet dead, InverseRoot root) implements Held {
  @Override
  public long bytes() {
    return root.bytes();
  }

  /**
   * What the picture depends on beside H.
   *
   * @param damping share of the mean of H's diagonal that is added to it
   * @param order in which columns are settled
   */
  record Key(double damping, Solve.Order order) {}

  /**
   * Damps and factorizes H. The mean is over all columns, dead ones included, before these get a 1
   * on the diagonal, so that the scale of H does not matter.
   *
   * @throws dev.assay.linalg.NumericalException if no damping makes H positive definite
   */
  static Curvature of(Symmetric hessian, Key key) {
    double[] diagonal = hessian.diagonal();
    int n = diagonal.length;
    int[] order = IntStream.range(0, n).toArray();
    if (key.order() == Solve.Order.ACTIVATION) {
      order =
          Arrays.stream(order)
              .boxed()
              .sorted(Comparator.comparingDouble(column -> -diagonal[column]))
              .mapToInt(Integer::intValue)
              .toArray();
    }
    BitSet dead = new BitSet(n);
    double[] walked = hessian.permuted(order).data();
    for (int step = 0; step < n; step++) {
      if (diagonal[order[step]] == 0) {
        dead.set(order[step]);
        walked[step * n + step] = 1;
      }
    }
    Symmetric alive = Symmetric.of(n, walked);
    return new Curvature(order, dead, InverseRoot.of(alive, hessian.meanDiagonal(), key.damping()));
  }

  int size() {
    return order.length;
  }

  /** Uⱼⱼ of a step. */
  double scale(int step) {
    return root.upper()[step * order.length + step];
  }

  /** The step of each column. */
  int[] steps() {
    int[] steps = new int[order.length];
    for (int step = 0; step < steps.length; step++) {
      steps[order[step]] = step;
    }
    return steps;
  }
}
