package dev.assay.recipe.solve;

import dev.assay.part.Overlay;
import dev.assay.recipe.State;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Optional;

/** The entries that a walk keeps as real numbers: protected before, or outliers. */
final class Kept {
  private final Walk walk;
  private final Optional<Outliers> outliers;
  private final DType type;
  private final Matrix values;

  Kept(Walk walk, Optional<Outliers> outliers) {
    this.walk = walk;
    this.outliers = outliers;
    State state = walk.state();
    this.type =
        outliers
            .map(kept -> kept.values().of(state.stored()))
            .or(() -> state.overlay().map(Overlay::valueType))
            .orElse(DType.F32);
    this.values = Matrix.zeros(walk.rows(), walk.cols());
  }

  /** Keeps an entry in the overlay, which replaces what other parts hold of it. */
  double keep(int entry, double w) {
    State state = walk.state();
    double others = (double) state.weight().data()[entry] - state.rest().data()[entry];
    float stored = type.round((float) (others + w));
    values.data()[entry] = stored;
    return stored - others;
  }

  /** The state at the end of the walk, with what was pruned and kept. */
  State settled() {
    State settled = walk.state().prune(walk.pruned());
    return walk.kept().isEmpty() ? settled : settled.protect(walk.kept(), overlay());
  }

  private Overlay overlay() {
    return outliers
        .map(kept -> new Overlay(values, walk.kept(), type, kept.indices()))
        .orElseGet(() -> walk.state().overlay().orElseThrow().of(values));
  }
}
