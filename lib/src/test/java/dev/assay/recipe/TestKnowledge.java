package dev.assay.recipe;

import dev.assay.compress.Input;
import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.Factors;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.plan.Ids;
import dev.assay.stats.Fisher;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is known of a weight in a test: its full double-precision decomposition, made once, and what
 * the test says about its input and its gradients.
 */
public final class TestKnowledge implements Knowledge {
  private final Matrix weight;
  private final Input input;
  private final Optional<Fisher> fisher;
  private Factors factors;

  private TestKnowledge(Matrix weight, Input input, Optional<Fisher> fisher) {
    this.weight = weight;
    this.input = input;
    this.fisher = fisher;
  }

  /** Nothing but the weight. */
  public TestKnowledge(Matrix weight) {
    this(weight, Input.unknown(weight), Optional.empty());
  }

  /** The weight and its input, which it alone reads. */
  public static TestKnowledge of(Matrix weight, InputStatistics statistics) {
    return of(weight, statistics, List.of(weight));
  }

  /** The weight and its input, which all of {@code peers} read. */
  public static TestKnowledge of(Matrix weight, InputStatistics statistics, List<Matrix> peers) {
    Input.Source source =
        new Input.Source() {
          @Override
          public InputStatistics statistics() {
            return statistics;
          }

          @Override
          public List<Matrix> peers() {
            return peers;
          }
        };
    return new TestKnowledge(
        weight, Input.of(source, weight.rows(), weight.cols()), Optional.empty());
  }

  /** The same with gradients. */
  public TestKnowledge with(Fisher gradients) {
    return new TestKnowledge(weight, input, Optional.of(gradients));
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
  public InputStatistics statistics() {
    return input.statistics();
  }

  @Override
  public Fisher fisher() {
    return fisher.orElseThrow(() -> new UnfitException("The test has no gradients"));
  }

  @Override
  public List<Matrix> peers() {
    return input.peers();
  }

  @Override
  public <T> T once(Object key, Supplier<T> make) {
    return input.once(key, make);
  }

  @Override
  public long seed(String purpose) {
    return Ids.seed(0, purpose, "test");
  }

  @Override
  public long sharedSeed(String purpose) {
    return Ids.seed(0, purpose, "");
  }
}
