package dev.assay.recipe.solve;

import dev.assay.recipe.State;
import java.util.BitSet;

/**
 * Where a walk through the columns of a weight stands: what is still to be represented, in double,
 * and what has been decided.
 *
 * <p>A <em>step</em> is a column in the order of the walk; an <em>entry</em> is a row-major index
 * in the weight's own order.
 */
final class Walk {
  private final State state;
  private final Curvature curvature;
  private final int rows;
  private final int cols;
  private final BitSet pruned;
  private final BitSet kept;

  /** What is still to be represented, rows × steps; errors are spread into it. */
  private final double[] work;

  Walk(State state, Curvature curvature) {
    this.state = state;
    this.curvature = curvature;
    this.rows = state.rest().rows();
    this.cols = state.rest().cols();
    this.pruned = state.pruned();
    this.kept = state.frozen();
    kept.andNot(pruned);
    this.work = load();
  }

  private double[] load() {
    double[] loaded = new double[state.rest().size()];
    for (int row = 0, at = 0; row < rows; row++) {
      for (int step = 0; step < cols; step++, at++) {
        int entry = entry(row, step);
        boolean dead = curvature.dead().get(curvature.order()[step]) && !kept.get(entry);
        loaded[at] = dead ? 0 : state.rest().data()[entry];
      }
    }
    return loaded;
  }

  State state() {
    return state;
  }

  Curvature curvature() {
    return curvature;
  }

  int rows() {
    return rows;
  }

  int cols() {
    return cols;
  }

  /** Entries that are zero for good; grows. */
  BitSet pruned() {
    return pruned;
  }

  /** Entries that are kept out of the levels; grows. */
  BitSet kept() {
    return kept;
  }

  /** The values, rows × steps, to be written to. */
  double[] work() {
    return work;
  }

  int entry(int row, int step) {
    return row * cols + curvature.order()[step];
  }

  double at(int row, int step) {
    return work[row * cols + step];
  }

  /** w²/Uⱼⱼ²: what pruning costs; what is pruned already goes first, what is kept stays. */
  double pruningCost(int row, int step) {
    int entry = entry(row, step);
    if (pruned.get(entry)) {
      return -1;
    }
    if (kept.get(entry)) {
      return Double.POSITIVE_INFINITY;
    }
    double ratio = at(row, step) / curvature.scale(step);
    return ratio * ratio;
  }
}
