package dev.assay.linalg;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The factorizers by name, as configurations and ids spell them. What is not {@link #AUTO} and not
 * {@link #MLLIB} computes inside one task: {@link LocalFactorizer#of}.
 */
public enum FactorizerKind {
  /** Chooses by size and rank; see {@link #resolve}. */
  AUTO("auto", 1),
  /** MLlib's distributed SVD, submitted from a driver. */
  MLLIB("mllib", 1),
  /** {@code sgesdd}: complete, vectors in single precision. */
  LAPACK("lapack", 1),
  /** {@code dgesdd} on the widened matrix: complete, the oracle for the others. */
  LAPACK_DOUBLE("lapack-double", 1),
  /** Seeded randomized SVD of the leading triplets. */
  RANDOMIZED("randomized", 1);

  private static final int SMALL = 1024;
  private static final int LOW_RANK = 8;

  private final String id;
  private final int version;

  FactorizerKind(String id, int version) {
    this.id = id;
    this.version = version;
  }

  /** The name in configurations, ids and tables, such as {@code lapack-double}. */
  public String id() {
    return id;
  }

  /** Raised whenever the results of this factorizer change; part of every id made from them. */
  public int version() {
    return version;
  }

  /** The factorizer of that name, exactly as {@link #id} spells it. */
  public static Optional<FactorizerKind> named(String id) {
    return Arrays.stream(values()).filter(kind -> kind.id.equals(id)).findFirst();
  }

  /** All names, in the order of this enum. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(FactorizerKind::id).toList();
  }

  /** Whether the computation fits in one task of this JVM. */
  public boolean isLocal() {
    return this != AUTO && this != MLLIB;
  }

  /**
   * What {@link #AUTO} stands for with a rows × cols matrix of which {@code rank} triplets are
   * needed; any other kind is itself. Small matrices, min(rows, cols) ≤ 1024, are worth double
   * precision; of larger ones {@link #RANDOMIZED} when at most an eighth of the rank is needed,
   * else {@link #LAPACK}. Never AUTO, so ids name what really computed.
   */
  public FactorizerKind resolve(int rows, int cols, int rank) {
    if (this != AUTO) {
      return this;
    }
    int size = Math.min(rows, cols);
    if (size <= SMALL) {
      return LAPACK_DOUBLE;
    }
    return rank <= size / LOW_RANK ? RANDOMIZED : LAPACK;
  }

  @Override
  public String toString() {
    return id;
  }
}
