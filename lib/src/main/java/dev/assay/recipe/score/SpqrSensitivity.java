package dev.assay.recipe.score;

import dev.assay.config.Settings;
import dev.assay.linalg.Symmetric;
import dev.assay.part.BasisChange;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import dev.assay.recipe.Work;
import dev.assay.recipe.quantize.Quantize;
import dev.assay.recipe.quantize.Quantizer;
import dev.assay.recipe.quantize.Quantizers;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * (w − ŵ)²/[H⁻¹]ⱼⱼ: how much the output suffers from rounding the entry when all others of its row
 * may compensate, SpQR's sensitivity (Dettmers et al., arXiv 2306.03078, equation 2). ŵ is w
 * rounded to nearest by {@code quantizer}, fitted to all entries that are not settled yet; H is
 * damped by {@code damping}·mean(diag H)·I, and 1 on the diagonal of a dead channel.
 *
 * @param quantizer what ŵ is rounded by
 * @param damping share of the mean diagonal, 0 or more
 */
public record SpqrSensitivity(Quantizer quantizer, double damping) implements Score {
  /** Checks that the quantizer asks for nothing. */
  public SpqrSensitivity {
    Quantizers.checkPlain("Score spqr", quantizer);
  }

  private record InverseDiagonal(List<BasisChange> basis, double damping) {}

  static SpqrSensitivity read(Settings settings) {
    return new SpqrSensitivity(Quantizers.read(settings), settings.number("damping", 0.01, 0, 1e3));
  }

  @Override
  public float[] of(State state, Knowledge knowledge) {
    Symmetric hessian = state.statistics(knowledge).hessian();
    double[] inverse =
        knowledge.once(new InverseDiagonal(state.basis(), damping), () -> inverseDiagonal(hessian));
    State open = State.of(state.rest(), DType.F32).prune(state.frozen());
    Matrix rounded = new Quantize(quantizer).apply(open, knowledge).result().decode();
    return EntryScores.of(
        state,
        (w, i, j) -> {
          double error = w - rounded.at(i, j);
          return hessian.at(j, j) == 0 ? 0 : error * error / inverse[j];
        });
  }

  private double[] inverseDiagonal(Symmetric hessian) {
    Symmetric damped = hessian.plusIdentity(damping * hessian.meanDiagonal());
    for (int j = 0; j < hessian.size(); j++) {
      if (hessian.at(j, j) == 0) {
        damped.data()[j * hessian.size() + j] = 1;
      }
    }
    return damped.inverse().diagonal();
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public Work work(int rows, int cols) {
    return quantizer.work(rows, cols).plus(new Work(Math.pow(cols, 3), 4.0 * rows * cols));
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "spqr", "quantizer", quantizer.canonical(), "damping", damping);
  }
}
