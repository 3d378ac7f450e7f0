package dev.assay.plan;

import dev.assay.checkpoint.Tensor;
import dev.assay.linalg.FactorizerKind;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a weight is factorized for a cell: what its factors are looked up by.
 *
 * @param factorizer the resolved factorizer, never {@code auto} where factors are needed
 * @param rank number of singular triples computed
 */
public record Factorization(FactorizerKind factorizer, int rank) implements Serializable {
  /** No factors are needed. */
  public static final Factorization NONE = new Factorization(FactorizerKind.AUTO, 0);

  public boolean needed() {
    return rank > 0;
  }

  /** Whether the factors depend on the user's seed. */
  boolean seeded() {
    return factorizer == FactorizerKind.RANDOMIZED;
  }

  /** What computed the factors, for ids. */
  Map<String, Object> canonical() {
    return Map.of(
        "factorizer", factorizer.id(), "factorizer-version", factorizer.version(), "rank", rank);
  }

  /** The id of this factorization of a weight: its file's name and its rows in {@code spectrum}. */
  public String id(Tensor weight, long userSeed) {
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "factors");
    identity.put("weight", weight.identity());
    identity.putAll(canonical());
    if (seeded()) {
      identity.put("seed", userSeed);
    }
    return Ids.of(identity);
  }
}
