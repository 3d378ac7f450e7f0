package dev.assay.recipe.quantize;

import dev.assay.config.Settings;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.Work;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Rounds every entry to the nearest of its granule's levels.
 *
 * <p>Levels are fitted to the entries that are still to be represented. An entry that is protected
 * gets the code of 0.
 *
 * @param quantizer what fits levels
 */
public record Quantize(Quantizer quantizer) implements Stage {
  /** Reads the stage from its block. */
  public static Quantize read(Settings settings) {
    return new Quantize(Quantizers.read(settings));
  }

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    Matrix rest = state.rest();
    int cols = rest.cols();
    Optional<float[]> importance = quantizer.importance(state, knowledge);
    Coder coder = new Coder(quantizer, rest.rows(), cols);
    for (int group = 0; group < coder.groups(); group++) {
      Fit[] fits = new Fit[coder.rows()];
      for (int row = 0; row < fits.length; row++) {
        int from = row * coder.height() * cols + coder.start(group);
        int to = from + (coder.height() - 1) * cols + coder.end(group) - coder.start(group);
        fits[row] = quantizer.fit(Granule.of(state, importance, from, to));
      }
      coder.settle(group, fits);
    }
    char[] codes = new char[rest.size()];
    for (int row = 0, i = 0; row < rest.rows(); row++) {
      for (int group = 0; group < coder.groups(); group++) {
        Fit fit = coder.fit(row, coder.start(group));
        for (int col = coder.start(group); col < coder.end(group); col++, i++) {
          codes[i] = (char) fit.code(state.frozen(i) ? 0 : rest.data()[i]);
        }
      }
    }
    return state.finish(coder.codes(codes, state.pruned()));
  }

  /** What {@code quantizer} makes of a matrix by itself, rounded to nearest. */
  public static Matrix rounded(Quantizer quantizer, Matrix matrix, Knowledge knowledge) {
    State state = State.of(matrix, DType.F32);
    return new Quantize(quantizer).apply(state, knowledge).result().decode();
  }

  @Override
  public Outline plan(Outline before) {
    quantizer.plan(before);
    return before.completed();
  }

  @Override
  public Set<Need> needs() {
    return quantizer.needs();
  }

  @Override
  public Map<String, Object> canonical() {
    return quantizer.canonical();
  }

  @Override
  public Map<String, Number> columns(int rows, int cols) {
    return quantizer.columns();
  }

  @Override
  public Work work(int rows, int cols) {
    return quantizer.work(rows, cols);
  }
}
