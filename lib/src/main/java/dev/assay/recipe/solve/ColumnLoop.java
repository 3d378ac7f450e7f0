package dev.assay.recipe.solve;

import dev.assay.linalg.Blas;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Granularity;
import dev.assay.part.Overlay;
import dev.assay.part.Part;
import dev.assay.part.Permutation;
import dev.assay.part.Rebased;
import dev.assay.part.Sparse;
import dev.assay.recipe.State;
import dev.assay.recipe.quantize.Coder;
import dev.assay.recipe.quantize.Granule;
import dev.assay.recipe.quantize.Grid;
import dev.assay.recipe.quantize.Quantize;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * One walk of a {@link Solve} stage through the columns of a weight, in double precision.
 *
 * <p>A <em>step</em> is a column in the order of the walk; an <em>entry</em> is a row-major index
 * in the weight's own order. Errors are spread at once within a block and, by BLAS, to all columns
 * behind it at its end. Errors are of what will be read back, storage types and all.
 */
final class ColumnLoop {
  private final Solve solve;
  private final State state;
  private final Curvature curvature;
  private final int rows;
  private final int cols;

  /** What is still to be represented, rows × steps; errors are spread into it. */
  private final double[] work;

  private final double[] errors;
  private final BitSet pruned;
  private final BitSet kept;

  /** Values of {@link #kept} entries, or of all where nothing is quantized. */
  private final Matrix values;

  private final DType type;
  private final double limit;
  private final Optional<Coder> coder;
  private final byte[] codes;

  /** The step of each column as the codes lie. */
  private final int[] layout;

  private double loss;

  /** Prepares a walk. */
  ColumnLoop(Solve solve, State state, Curvature curvature) {
    this.solve = solve;
    this.state = state;
    this.curvature = curvature;
    this.rows = state.rest().rows();
    this.cols = state.rest().cols();
    solve.check(rows, cols);
    this.pruned = state.pruned();
    this.kept = state.frozen();
    kept.andNot(pruned);
    this.work = load();
    this.errors = new double[Math.multiplyExact(rows, Math.min(solve.block(), cols))];
    this.values = Matrix.zeros(rows, cols);
    this.type =
        solve
            .outliers()
            .map(outliers -> outliers.values().of(state.stored()))
            .or(() -> state.overlay().map(Overlay::valueType))
            .orElse(DType.F32);
    this.limit = solve.outliers().map(outliers -> outliers.threshold() * spread()).orElse(0.0);
    this.coder = solve.quantize().map(quantize -> new Coder(quantize, rows, cols));
    this.codes = new byte[coder.isPresent() ? work.length : 0];
    this.layout = reordered() ? natural(cols) : curvature.steps();
  }

  /**
   * Where the walk ended.
   *
   * @param state what it leaves, which is nothing
   * @param loss Σe², which is tr((W − Ŵ)·H·(W − Ŵ)ᵀ) of the damped H, dead columns of W being 0
   */
  record Solved(State state, double loss) {}

  private static int[] natural(int size) {
    int[] natural = new int[size];
    Arrays.setAll(natural, i -> i);
    return natural;
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

  private int entry(int row, int step) {
    return row * cols + curvature.order()[step];
  }

  /** The mean over columns of var(W₍:,ⱼ₎)/Uⱼⱼ². */
  private double spread() {
    double sum = 0;
    for (int step = 0; step < cols; step++) {
      double mean = 0;
      for (int row = 0; row < rows; row++) {
        mean += work[row * cols + step] / rows;
      }
      double squares = 0;
      for (int row = 0; row < rows; row++) {
        double centred = work[row * cols + step] - mean;
        squares += centred * centred;
      }
      double scale = curvature.scale(step);
      sum += squares / (rows - 1) / (scale * scale);
    }
    return cols == 0 ? 0 : sum / cols;
  }

  /** Whether scales are fitted on the way. */
  private boolean fitsOnTheWay() {
    return solve.groups() == Solve.Groups.UPDATED
        && solve.quantize().isPresent()
        && solve.quantize().get().granularity() instanceof Granularity.Group;
  }

  /** Whether groups are of columns that are no neighbours in the weight. */
  private boolean reordered() {
    return fitsOnTheWay() && solve.order() != Solve.Order.NATURAL;
  }

  /** Walks through all columns; once. */
  Solved run() {
    if (!fitsOnTheWay()) {
      for (int group = 0; group < coder.map(Coder::groups).orElse(0); group++) {
        fit(group);
      }
    }
    for (int from = 0; from < cols; ) {
      if (from % solve.block() == 0
          && solve.sparsity().isPresent()
          && solve.sparsity().get() instanceof Sparsity.Share share) {
        prune(from, Math.min(from + solve.block(), cols), share.share());
      }
      int to = end(from);
      settle(from, to);
      int width = to - from;
      double[] upper = curvature.root().upper();
      Blas.subtractProduct(
          rows,
          cols - to,
          width,
          new Blas.Tile(errors, 0, width),
          new Blas.Tile(upper, from * cols + to, cols),
          new Blas.Tile(work, to, cols));
      from = to;
    }
    return new Solved(finish(), loss);
  }

  /**
   * Where the block ends that begins at a step: where columns to prune are counted again, and not
   * within a group that begins in the block, which is fitted to columns that are up to date.
   */
  private int end(int from) {
    int to = Math.min((from / solve.block() + 1) * solve.block(), cols);
    if (fitsOnTheWay()) {
      Coder groups = coder.orElseThrow();
      int last = (to - 1) / groups.end(0);
      if (groups.start(last) > from && groups.end(last) > to) {
        return groups.start(last);
      }
    }
    return to;
  }

  private void fit(int group) {
    Coder scales = coder.orElseThrow();
    Quantize quantize = solve.quantize().orElseThrow();
    int height = scales.height();
    int width = scales.end(group) - scales.start(group);
    float[] entries = new float[Math.multiplyExact(height, width)];
    double[] weights = new double[entries.length];
    Grid.Fit[] fits = new Grid.Fit[scales.rows()];
    for (int granule = 0; granule < fits.length; granule++) {
      int count = 0;
      for (int row = granule * height; row < (granule + 1) * height; row++) {
        for (int col = scales.start(group); col < scales.end(group); col++) {
          int step = layout[col];
          int entry = entry(row, step);
          if (!state.frozen(entry) && !(fitsOnTheWay() && pruned.get(entry))) {
            entries[count] = (float) work[row * cols + step];
            weights[count++] = curvature.scale(step);
          }
        }
      }
      Granule fitted =
          solve.outliers().isPresent()
              ? Outliers.inliers(entries, weights, count, quantize, limit)
              : Granule.of(entries, count);
      fits[granule] = quantize.clip().fit(fitted, quantize.grid(), quantize.bits());
    }
    scales.settle(group, fits);
  }

  /** Prunes the entries of some columns whose w²/Uⱼⱼ² is up to the quantile. */
  private void prune(int from, int to, double share) {
    int width = to - from;
    double[] scores = new double[rows * width];
    for (int row = 0, at = 0; row < rows; row++) {
      for (int step = from; step < to; step++, at++) {
        scores[at] = score(row, step);
      }
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    double threshold = sorted[(int) (sorted.length * share)];
    for (int row = 0, at = 0; row < rows; row++) {
      for (int step = from; step < to; step++, at++) {
        if (scores[at] <= threshold && scores[at] != Double.POSITIVE_INFINITY) {
          pruned.set(entry(row, step));
        }
      }
    }
  }

  /** Prunes the least w²/Uⱼⱼ² of some neighbours in a row; the first of equals. */
  private void prune(int row, int from, Sparsity.Pattern pattern) {
    double[] scores = new double[pattern.of()];
    Arrays.setAll(scores, i -> score(row, from + i));
    for (int i = 0; i < pattern.zeros(); i++) {
      int least = 0;
      for (int k = 1; k < scores.length; k++) {
        least = scores[k] < scores[least] ? k : least;
      }
      if (scores[least] < Double.POSITIVE_INFINITY) {
        pruned.set(entry(row, from + least));
      }
      scores[least] = Double.POSITIVE_INFINITY;
    }
  }

  /** What pruning costs; what is pruned already goes first, what is protected stays. */
  private double score(int row, int step) {
    int entry = entry(row, step);
    if (pruned.get(entry)) {
      return -1;
    }
    if (kept.get(entry)) {
      return Double.POSITIVE_INFINITY;
    }
    double ratio = work[row * cols + step] / curvature.scale(step);
    return ratio * ratio;
  }

  /** Settles the entries of a block, and spreads their errors within it. */
  private void settle(int from, int to) {
    for (int first = from; first < to; ) {
      int last = to;
      if (fitsOnTheWay()) {
        Coder groups = coder.orElseThrow();
        int group = first / groups.end(0);
        if (first == groups.start(group)) {
          fit(group);
        }
        last = Math.min(to, groups.end(group));
      }
      for (int row = 0; row < rows; row++) {
        for (int step = first; step < last; step++) {
          settle(row, step, from, to);
        }
      }
      first = last;
    }
  }

  private void settle(int row, int step, int from, int to) {
    if (solve.sparsity().isPresent()
        && solve.sparsity().get() instanceof Sparsity.Pattern pattern
        && step % pattern.of() == 0
        && step + pattern.of() <= cols) {
      prune(row, step, pattern);
    }
    int base = row * cols;
    double w = work[base + step];
    double[] upper = curvature.root().upper();
    double e = (w - represented(row, step, w)) / upper[step * cols + step];
    loss += e * e;
    errors[row * (to - from) + step - from] = e;
    if (e != 0) {
      int across = step * cols;
      for (int k = step + 1; k < to; k++) {
        work[base + k] -= e * upper[across + k];
      }
    }
  }

  /** What an entry will be read back as, less what other parts hold of it. */
  private double represented(int row, int step, double w) {
    int entry = entry(row, step);
    if (pruned.get(entry)) {
      return 0;
    }
    if (coder.isEmpty()) {
      return kept.get(entry) ? keep(entry, w) : store(entry, w);
    }
    Quantize quantize = solve.quantize().orElseThrow();
    int col = reordered() ? step : curvature.order()[step];
    Grid.Fit fit = coder.get().fit(row, col);
    int code = quantize.grid().code((float) w, fit, quantize.bits());
    double decoded = fit.decode(code);
    double e = (w - decoded) / curvature.scale(step);
    if (solve.outliers().isPresent() && e * e > limit) {
      kept.set(entry);
    }
    boolean keeps = kept.get(entry);
    codes[row * cols + col] = (byte) (keeps ? quantize.grid().code(0, fit, quantize.bits()) : code);
    return keeps ? keep(entry, w) : decoded;
  }

  /** Keeps an entry in the overlay, which replaces what other parts hold of it. */
  private double keep(int entry, double w) {
    double others = (double) state.weight().data()[entry] - state.rest().data()[entry];
    float stored = type.round((float) (others + w));
    values.data()[entry] = stored;
    return stored - others;
  }

  private double store(int entry, double w) {
    float stored = solve.values().of(state.stored()).round((float) w);
    values.data()[entry] = stored;
    return stored;
  }

  private State finish() {
    State finished = state.prune(pruned);
    if (!kept.isEmpty()) {
      finished = finished.protect(kept, overlay());
    }
    if (coder.isEmpty()) {
      BitSet absent = (BitSet) pruned.clone();
      absent.or(kept);
      return finished.finish(new Sparse(values, absent, solve.values().of(state.stored())));
    }
    if (!reordered()) {
      return finished.finish(coder.get().codes(codes, pruned));
    }
    BitSet walked = new BitSet();
    for (int row = 0, at = 0; row < rows; row++) {
      for (int step = 0; step < cols; step++, at++) {
        walked.set(at, pruned.get(entry(row, step)));
      }
    }
    Part inner = coder.get().codes(codes, walked);
    return finished.finish(
        new Rebased(
            new CompressedMatrix(rows, cols, List.of(inner)), Permutation.of(curvature.order())));
  }

  private Overlay overlay() {
    return solve
        .outliers()
        .map(outliers -> new Overlay(values, kept, type, outliers.indices()))
        .orElseGet(() -> state.overlay().orElseThrow().of(values));
  }
}
