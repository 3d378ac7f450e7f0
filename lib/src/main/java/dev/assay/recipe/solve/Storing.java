package dev.assay.recipe.solve;

import dev.assay.part.Sparse;
import dev.assay.recipe.State;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.BitSet;
import java.util.Optional;

/** Stores what is not pruned as real numbers. */
final class Storing implements Settling {
  private final Walk walk;
  private final DType type;
  private final Kept kept;
  private final Matrix values;

  Storing(Walk walk, DType type) {
    this.walk = walk;
    this.type = type;
    this.kept = new Kept(walk, Optional.empty());
    this.values = Matrix.zeros(walk.rows(), walk.cols());
  }

  @Override
  public double settle(int row, int step, double w) {
    int entry = walk.entry(row, step);
    if (walk.kept().get(entry)) {
      return kept.keep(entry, w);
    }
    float stored = type.round((float) w);
    values.data()[entry] = stored;
    return stored;
  }

  @Override
  public State finish() {
    BitSet absent = (BitSet) walk.pruned().clone();
    absent.or(walk.kept());
    return kept.settled().finish(new Sparse(values, absent, type));
  }
}
