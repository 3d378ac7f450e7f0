package dev.assay.plan;

import dev.assay.checkpoint.Tensor;
import dev.assay.linalg.FactorizerKind;
import java.util.List;

/**
 * Which factorizer a matrix gets.
 *
 * @param usual where no override matches
 * @param overrides the first that matches the name decides
 */
public record FactorizerChoice(FactorizerKind usual, List<Override> overrides) {
  /**
   * Another factorizer for some matrices.
   *
   * @param matrices patterns on tensor names
   * @param factorizer what they get
   */
  public record Override(List<String> matrices, FactorizerKind factorizer) {}

  /**
   * The factorization of {@code weight} for a recipe that needs {@code rank} singular triples. It
   * depends on nothing else in the grid, so that a cell's id does not either: full factorizers give
   * all triples, the randomized one as many as the next power of two.
   */
  Factorization of(Tensor weight, int rank) {
    if (rank == 0) {
      return Factorization.NONE;
    }
    FactorizerKind kind =
        overrides.stream()
            .filter(override -> TensorFilter.anyMatches(override.matrices(), weight.name()))
            .map(Override::factorizer)
            .findFirst()
            .orElse(usual)
            .resolve(weight.rows(), weight.cols(), rank);
    int smaller = Math.min(weight.rows(), weight.cols());
    int computed =
        kind == FactorizerKind.RANDOMIZED
            ? Math.min(smaller, Math.max(16, nextPowerOfTwo(rank)))
            : smaller;
    return new Factorization(kind, computed);
  }

  private static int nextPowerOfTwo(int number) {
    return number <= 1 ? 1 : Integer.highestOneBit(number - 1) << 1;
  }
}
