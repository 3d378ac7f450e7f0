package dev.assay.recipe;

import dev.assay.linalg.Factors;

/** What a stage may ask about a weight beyond its values; computed once and shared by all cells. */
public interface Knowledge {
  /**
   * The weight's singular value decomposition, at least {@code rank} triples of it.
   *
   * @param rank 1 to min(out, in)
   */
  Factors factors(int rank);

  /**
   * A seed fixed by the user's seed, the purpose and the weight: independent of machine and order.
   */
  long seed(String purpose);

  /** The same knowledge with seeds of its own, for a part of the weight such as a factor. */
  default Knowledge part(String name) {
    Knowledge whole = this;
    return new Knowledge() {
      @Override
      public Factors factors(int rank) {
        throw new UnfitException("A recipe for a low-rank factor cannot use factors of its own");
      }

      @Override
      public long seed(String purpose) {
        return whole.seed(name + "/" + purpose);
      }
    };
  }
}
