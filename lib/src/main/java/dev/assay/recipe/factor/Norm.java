package dev.assay.recipe.factor;

import dev.assay.config.Call;
import dev.assay.config.Settings;
import dev.assay.linalg.Factors;
import dev.assay.part.BasisChange;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.List;
import java.util.Set;

/**
 * What the error of a low-rank approximation is measured by: ‖(W − Ŵ)·S‖_F for some S (in × in).
 */
public interface Norm extends Serializable {
  /** What the factors under a norm depend on beside the input's statistics. */
  record Key(Norm norm, List<BasisChange> basis, Matrix weight) {
    Key(Norm norm, State state) {
      this(norm, state.basis(), state.weight());
    }
  }

  /**
   * U, σ and S⁻ᵀ·V of the weight in the state's basis, at least {@code rank} triples: W =
   * U·Σ·Vᵀ·S⁻¹.
   *
   * @throws UnfitException if what the norm needs is not known
   */
  Factors factors(State state, Knowledge knowledge, int rank);

  /** Whether these are the weight's own factors rather than some made for the norm. */
  default boolean usesFactors() {
    return false;
  }

  /** What the norm has to know of the weight. */
  Set<Need> needs();

  /** Estimated work on a rows × cols weight; cells that differ in rank only share it. */
  default Work work(int rows, int cols) {
    return new Work(22.0 * rows * cols * Math.min(rows, cols), 4.0 * rows * cols);
  }

  /** Reads {@code metric = whitening}; the Frobenius norm where nothing is said. */
  static Norm read(Settings settings) {
    String text = settings.text("metric", "frobenius");
    Call call = Call.parse(text).orElse(Call.NONE);
    if (call.is("frobenius")) {
      return new Frobenius();
    }
    if (call.is("activation", 0, 16)) {
      return new Activation(call.number().getAsDouble());
    }
    if (call.is("whitening")) {
      return new Whitening(Whitening.Root.CHOLESKY);
    }
    if (call.is("whitening-eigen")) {
      return new Whitening(Whitening.Root.EIGEN);
    }
    if (call.is("fisher-rows")) {
      return new FisherRows();
    }
    throw settings.wrong(
        "metric",
        text,
        "Use frobenius, activation(0.5) with a number from 0 to 16, whitening, whitening-eigen, or"
            + " fisher-rows");
  }
}
