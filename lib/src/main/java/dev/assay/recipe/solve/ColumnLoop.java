package dev.assay.recipe.solve;

import dev.assay.linalg.Blas;
import dev.assay.recipe.State;
import java.util.Optional;

/**
 * One walk of a {@link Solve} stage through the columns of a weight, in double precision: what is
 * pruned is {@link Sparsity}'s choice, what becomes of the others {@link Settling}'s.
 *
 * <p>Errors are spread at once within a block and, by BLAS, to all columns behind it at its end.
 * Errors are of what will be read back, storage types and all.
 */
final class ColumnLoop {
  private final Walk walk;
  private final Optional<Sparsity> sparsity;
  private final Settling settling;
  private final int block;
  private final double[] upper;
  private final double[] errors;
  private double loss;

  /**
   * Prepares a walk.
   *
   * @param importance how much an entry's rounding counts where levels are fitted
   */
  ColumnLoop(Solve solve, State state, Optional<float[]> importance, Curvature curvature) {
    this.walk = new Walk(state, curvature);
    solve.check(walk.rows(), walk.cols());
    this.sparsity = solve.sparsity();
    this.settling =
        solve
            .quantize()
            .<Settling>map(quantizer -> new Rounding(walk, solve, quantizer, importance))
            .orElseGet(() -> new Storing(walk, solve.values().of(state.stored())));
    this.block = solve.block();
    this.upper = curvature.root().upper();
    this.errors = new double[Math.multiplyExact(walk.rows(), Math.min(block, walk.cols()))];
  }

  /**
   * Where the walk ended.
   *
   * @param state what it leaves, which is nothing
   * @param loss Σe², which is tr((W − Ŵ)·H·(W − Ŵ)ᵀ) of the damped H, dead columns of W being 0
   */
  record Solved(State state, double loss) {}

  /** Walks through all columns; once. */
  Solved run() {
    int cols = walk.cols();
    for (int from = 0; from < cols; ) {
      int blockEnd = Math.min((from / block + 1) * block, cols);
      if (from % block == 0 && sparsity.isPresent()) {
        sparsity.get().block(walk, from, blockEnd);
      }
      int to = settling.end(from, blockEnd);
      for (int first = from; first < to; ) {
        int last = settling.reach(first, to);
        for (int row = 0; row < walk.rows(); row++) {
          for (int step = first; step < last; step++) {
            settle(row, step, from, to);
          }
        }
        first = last;
      }
      Blas.subtractProduct(
          walk.rows(),
          cols - to,
          to - from,
          new Blas.Tile(errors, 0, to - from),
          new Blas.Tile(upper, from * cols + to, cols),
          new Blas.Tile(walk.work(), to, cols));
      from = to;
    }
    return new Solved(settling.finish(), loss);
  }

  /** Settles an entry of the block [from, to), and spreads its error within the block. */
  private void settle(int row, int step, int from, int to) {
    if (sparsity.isPresent()) {
      sparsity.get().entry(walk, row, step);
    }
    int cols = walk.cols();
    double[] work = walk.work();
    int base = row * cols;
    double w = work[base + step];
    double represented =
        walk.pruned().get(walk.entry(row, step)) ? 0 : settling.settle(row, step, w);
    double e = (w - represented) / upper[step * cols + step];
    loss += e * e;
    errors[row * (to - from) + step - from] = e;
    if (e != 0) {
      int across = step * cols;
      for (int k = step + 1; k < to; k++) {
        work[base + k] -= e * upper[across + k];
      }
    }
  }
}
