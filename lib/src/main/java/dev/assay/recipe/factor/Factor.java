package dev.assay.recipe.factor;

import com.typesafe.config.Config;
import dev.assay.InputException;
import dev.assay.config.Settings;
import dev.assay.linalg.Factors;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.LowRank;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Stage;
import dev.assay.recipe.Stages;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.ValueType;
import dev.assay.recipe.Work;
import dev.assay.recipe.quantize.Keep;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Low rank: W ≈ L·R with L = U_r·Σ_r^½ (out × r) and R = Σ_r^½·V_rᵀ·S⁻¹ (r × in), where U·Σ·Vᵀ is
 * the singular value decomposition of W·S. It is the approximation of rank r with the least ‖(W −
 * Ŵ)·S‖_F, which is the root of Σ σ² over what is dropped (Eckart and Young, 1936); the {@link
 * Norm} says what S is.
 *
 * <p>L and R are compressed by recipes of their own; what they do not represent is dropped, or left
 * for the stages that follow. R reads what the weight reads. L reads R̂·x, where R̂ is what was
 * made of R: its statistics are the input's carried through R̂.
 *
 * @param rank r
 * @param norm what the error is measured by
 * @param then whether the residual W − L̂·R̂ is still to be represented
 * @param left the recipe for L
 * @param right the recipe for R
 */
public record Factor(Rank rank, Norm norm, Then then, Recipe left, Recipe right) implements Stage {
  /** What becomes of the residual. */
  public enum Then {
    /** It is dropped: the low-rank product is all there is. */
    NONE,
    /** It is what the next stages represent. */
    RESIDUAL
  }

  /** Reads the stage from its block. */
  public static Factor read(Settings settings) {
    return new Factor(
        Rank.read(settings),
        Norm.read(settings),
        settings.choice("then", Then.class, Then.NONE),
        nested(settings, "left"),
        nested(settings, "right"));
  }

  /** A recipe for a factor: kept in the checkpoint's type unless the block says otherwise. */
  private static Recipe nested(Settings settings, String key) {
    if (!settings.has(key)) {
      return Recipe.forFactor(List.of(new Keep(ValueType.SOURCE)));
    }
    Config block = settings.nested(key);
    List<Stage> stages = settings.inner(key, inner -> Stages.read(inner.blocks("stages"), key));
    try {
      return Recipe.forFactor(stages);
    } catch (UnfitException e) {
      throw new InputException(
          block.origin().description(), e.getMessage(), "Change its stages", e);
    }
  }

  @Override
  public String name() {
    return "factor";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    Matrix weight = state.weight();
    int r = rank.of(weight.rows(), weight.cols());
    Factors factors = norm.factors(state, knowledge, r);
    DType stored = state.stored();
    Matrix wholeRight = rightOf(factors, r);
    CompressedMatrix smallRight =
        right.compress(
            wholeRight,
            stored,
            knowledge.part("right", wholeRight, () -> state.statistics(knowledge)));
    Matrix wholeLeft = leftOf(factors, r);
    CompressedMatrix smallLeft =
        left.compress(
            wholeLeft,
            stored,
            knowledge.part(
                "left", wholeLeft, () -> state.statistics(knowledge).through(smallRight.decode())));
    LowRank part = new LowRank(smallLeft, smallRight);
    if (then == Then.NONE) {
      return state.finish(part);
    }
    Matrix product = Matrix.zeros(weight.rows(), weight.cols());
    part.applyTo(product);
    float[] rest = product.data();
    float[] before = state.rest().data();
    for (int i = 0; i < rest.length; i++) {
      rest[i] = before[i] - rest[i];
    }
    return state.encode(part, product);
  }

  private static Matrix leftOf(Factors factors, int rank) {
    Matrix u = factors.u();
    Matrix left = Matrix.zeros(u.rows(), rank);
    for (int i = 0; i < u.rows(); i++) {
      for (int k = 0; k < rank; k++) {
        left.data()[i * rank + k] = (float) (u.at(i, k) * Math.sqrt(factors.sigma()[k]));
      }
    }
    return left;
  }

  private static Matrix rightOf(Factors factors, int rank) {
    Matrix v = factors.v();
    Matrix right = Matrix.zeros(rank, v.rows());
    for (int j = 0; j < v.rows(); j++) {
      for (int k = 0; k < rank; k++) {
        right.data()[k * v.rows() + j] = (float) (v.at(j, k) * Math.sqrt(factors.sigma()[k]));
      }
    }
    return right;
  }

  @Override
  public Outline plan(Outline before) {
    if (before.factor()) {
      throw new UnfitException("Stage 'factor' cannot stand in a recipe for a low-rank factor");
    }
    if (before.frozen() || before.pruned() || before.residual()) {
      throw new UnfitException(
          "Stage 'factor' works on the whole weight: it must be the first stage");
    }
    if (before.rebased() && norm.needs().contains(Need.FISHER)) {
      throw new UnfitException(
          "The norm of stage 'factor' is known in the weight's own basis only: no change of basis"
              + " may precede it");
    }
    return then == Then.NONE ? before.completed() : before.withResidual();
  }

  @Override
  public int factorRank(int rows, int cols) {
    return norm.usesFactors() ? rank.capped(rows, cols) : 0;
  }

  @Override
  public Set<Need> needs() {
    Set<Need> needs = EnumSet.noneOf(Need.class);
    needs.addAll(norm.needs());
    needs.addAll(left.needs());
    needs.addAll(right.needs());
    return needs;
  }

  @Override
  public boolean seeded() {
    return left.seeded() || right.seeded();
  }

  @Override
  public Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>();
    map.put("version", 1);
    map.put("rank", rank.toString());
    if (!norm.equals(new Frobenius())) {
      map.put("metric", norm.toString());
    }
    map.put("then", then.name().toLowerCase(Locale.ROOT));
    map.put("left", left.canonical());
    map.put("right", right.canonical());
    return map;
  }

  @Override
  public Map<String, Number> columns(int rows, int cols) {
    return Map.of("rank", rank.wanted(rows, cols));
  }

  @Override
  public void check(int rows, int cols) {
    int r = rank.of(rows, cols);
    left.check(rows, r);
    right.check(r, cols);
  }

  @Override
  public Work work(int rows, int cols) {
    int r = rank.capped(rows, cols);
    double products = then == Then.NONE ? 2.0 : 4.0;
    return new Work(products * rows * cols * r, 3.0 * rows * cols)
        .plus(norm.work(rows, cols))
        .plus(left.work(rows, r))
        .plus(right.work(r, cols));
  }
}
