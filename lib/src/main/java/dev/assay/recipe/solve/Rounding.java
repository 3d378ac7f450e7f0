package dev.assay.recipe.solve;

import dev.assay.part.CompressedMatrix;
import dev.assay.part.Granularity;
import dev.assay.part.Part;
import dev.assay.part.Permutation;
import dev.assay.part.Rebased;
import dev.assay.recipe.State;
import dev.assay.recipe.quantize.Coder;
import dev.assay.recipe.quantize.Fit;
import dev.assay.recipe.quantize.Granule;
import dev.assay.recipe.quantize.Quantizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Gives what is not pruned codes, with levels fitted before the walk or on the way. */
final class Rounding implements Settling {
  private final Walk walk;
  private final Quantizer quantizer;
  private final Optional<float[]> importance;
  private final Optional<Outliers> outliers;
  private final double limit;
  private final Kept kept;
  private final Coder coder;
  private final char[] codes;

  /** Whether levels are fitted on the way. */
  private final boolean onTheWay;

  /** Whether groups are of columns that are no neighbours in the weight. */
  private final boolean reordered;

  /** The step of each column as the codes lie. */
  private final int[] layout;

  Rounding(Walk walk, Solve solve, Quantizer quantizer, Optional<float[]> importance) {
    this.walk = walk;
    this.quantizer = quantizer;
    this.importance = importance;
    this.outliers = solve.outliers();
    this.limit = outliers.map(kept -> kept.limit(walk)).orElse(0.0);
    this.kept = new Kept(walk, outliers);
    this.coder = new Coder(quantizer, walk.rows(), walk.cols());
    this.codes = new char[walk.work().length];
    this.onTheWay =
        solve.groups() == Solve.Groups.UPDATED
            && quantizer.granularity() instanceof Granularity.Group;
    this.reordered = onTheWay && solve.order() != Solve.Order.NATURAL;
    this.layout = reordered ? natural(walk.cols()) : walk.curvature().steps();
    for (int group = 0; !onTheWay && group < coder.groups(); group++) {
      fit(group);
    }
  }

  private static int[] natural(int size) {
    int[] natural = new int[size];
    Arrays.setAll(natural, i -> i);
    return natural;
  }

  /**
   * A group that begins in the block is fitted to columns that are up to date: the next block's.
   */
  @Override
  public int end(int from, int to) {
    if (onTheWay) {
      int last = (to - 1) / coder.end(0);
      if (coder.start(last) > from && coder.end(last) > to) {
        return coder.start(last);
      }
    }
    return to;
  }

  @Override
  public int reach(int first, int to) {
    if (!onTheWay) {
      return to;
    }
    int group = first / coder.end(0);
    if (first == coder.start(group)) {
      fit(group);
    }
    return Math.min(to, coder.end(group));
  }

  private void fit(int group) {
    int height = coder.height();
    int width = coder.end(group) - coder.start(group);
    int size = Math.multiplyExact(height, width);
    Fit[] fits = new Fit[coder.rows()];
    for (int granule = 0; granule < fits.length; granule++) {
      float[] entries = new float[size];
      float[] counting = new float[importance.isPresent() ? size : 0];
      double[] scales = new double[outliers.isPresent() ? size : 0];
      int count = 0;
      for (int row = granule * height; row < (granule + 1) * height; row++) {
        for (int col = coder.start(group); col < coder.end(group); col++) {
          int step = layout[col];
          int entry = walk.entry(row, step);
          if (!walk.state().frozen(entry) && !(onTheWay && walk.pruned().get(entry))) {
            if (importance.isPresent()) {
              counting[count] = importance.get()[entry];
            }
            if (outliers.isPresent()) {
              scales[count] = walk.curvature().scale(step);
            }
            entries[count++] = (float) walk.at(row, step);
          }
        }
      }
      fits[granule] = quantizer.fit(granule(entries, counting, scales, count));
    }
    coder.settle(group, fits);
  }

  private Granule granule(float[] entries, float[] counting, double[] scales, int count) {
    if (outliers.isPresent()) {
      return Outliers.inliers(entries, scales, count, quantizer, limit);
    }
    return importance.isPresent()
        ? Granule.of(entries, counting, count)
        : Granule.of(entries, count);
  }

  @Override
  public double settle(int row, int step, double w) {
    int entry = walk.entry(row, step);
    int col = reordered ? step : walk.curvature().order()[step];
    Fit fit = coder.fit(row, col);
    int code = fit.code((float) w);
    double decoded = fit.decode(code);
    double e = (w - decoded) / walk.curvature().scale(step);
    if (outliers.isPresent() && e * e > limit) {
      walk.kept().set(entry);
    }
    boolean keeps = walk.kept().get(entry);
    codes[row * walk.cols() + col] = (char) (keeps ? fit.code(0) : code);
    return keeps ? kept.keep(entry, w) : decoded;
  }

  @Override
  public State finish() {
    State settled = kept.settled();
    if (!reordered) {
      return settled.finish(coder.codes(codes, walk.pruned()));
    }
    int rows = walk.rows();
    int cols = walk.cols();
    BitSet walked = new BitSet();
    for (int row = 0, at = 0; row < rows; row++) {
      for (int step = 0; step < cols; step++, at++) {
        walked.set(at, walk.pruned().get(walk.entry(row, step)));
      }
    }
    Part inner = coder.codes(codes, walked);
    return settled.finish(
        new Rebased(
            new CompressedMatrix(rows, cols, List.of(inner)),
            Permutation.of(walk.curvature().order())));
  }
}
