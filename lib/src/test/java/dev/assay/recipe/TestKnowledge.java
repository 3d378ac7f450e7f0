package dev.assay.recipe;

import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.Factors;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.sweep.Ids;
import dev.assay.tensor.Matrix;

/** What is known of a weight in a test: its full double-precision decomposition, made once. */
final class TestKnowledge implements Knowledge {
  private final Matrix weight;
  private Factors factors;

  TestKnowledge(Matrix weight) {
    this.weight = weight;
  }

  @Override
  public Factors factors(int rank) {
    if (factors == null) {
      factors =
          LocalFactorizer.of(FactorizerKind.LAPACK_DOUBLE, 0)
              .factorize(weight, Math.min(weight.rows(), weight.cols()));
    }
    return factors;
  }

  @Override
  public long seed(String purpose) {
    return Ids.seed(0, purpose, "test");
  }
}
