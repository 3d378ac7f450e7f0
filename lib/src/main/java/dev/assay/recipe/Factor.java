package dev.assay.recipe;

import dev.assay.linalg.Factors;
import dev.assay.part.LowRank;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Low rank: W ≈ L·R with L = U_r·Σ_r^½ (out × r) and R = Σ_r^½·V_rᵀ (r × in), the best
 * approximation of rank r in Frobenius norm (Eckart and Young, 1936). L and R are compressed by
 * recipes of their own; what they do not represent is dropped, or left for the stages that follow.
 *
 * @param rank r
 * @param then whether the residual W − L̂·R̂ is still to be represented
 * @param left the recipe for L
 * @param right the recipe for R
 */
public record Factor(Rank rank, Then then, Recipe left, Recipe right) implements Stage {
  /** What becomes of the residual. */
  public enum Then {
    /** It is dropped: the low-rank product is all there is. */
    NONE,
    /** It is what the next stages represent. */
    RESIDUAL
  }

  @Override
  public String name() {
    return "factor";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    Matrix weight = state.weight();
    int r = rank.of(weight.rows(), weight.cols());
    Factors factors = knowledge.factors(r);
    DType stored = state.stored();
    LowRank part =
        new LowRank(
            left.compress(leftOf(factors, r), stored, knowledge.part("left")),
            right.compress(rightOf(factors, r), stored, knowledge.part("right")));
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
    if (before.frozen() || before.residual()) {
      throw new UnfitException(
          "Stage 'factor' works on the whole weight: it must be the first stage");
    }
    return then == Then.NONE ? before.completed() : before.withResidual();
  }

  @Override
  public int factorRank(int rows, int cols) {
    return rank.capped(rows, cols);
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
        .plus(left.work(rows, r))
        .plus(right.work(r, cols));
  }
}
