package dev.assay.model;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.family.Architecture;
import dev.assay.family.Classifier;
import dev.assay.family.Families;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The one answer to whether a model has a sequence classification head, and how wide it is. */
public final class Classes {
  private Classes() {}

  /**
   * Outputs of the sequence classification head that a checkpoint has; 0 without one, whole, or
   * where the family runs none.
   */
  public static int of(Checkpoint checkpoint) {
    Optional<Architecture> family = Families.running(checkpoint.modelType());
    if (family.isEmpty()) {
      return 0;
    }
    Map<String, Integer> rows =
        checkpoint.matrices().stream().collect(Collectors.toMap(Tensor::name, Tensor::rows));
    Optional<String> prefix = prefix(family.get(), rows.keySet());
    return prefix.isEmpty()
        ? 0
        : of(
            family.get(),
            prefix.get(),
            name -> rows.containsKey(name) ? OptionalInt.of(rows.get(name)) : OptionalInt.empty());
  }

  /**
   * The same of a model with some matrices.
   *
   * @param prefix what stands before the body's names
   * @param rows of a matrix by name, if there is one
   */
  static int of(Architecture family, String prefix, Function<String, OptionalInt> rows) {
    if (family.anatomy().classifier().isEmpty()) {
      return 0;
    }
    Classifier classifier = family.anatomy().classifier().get();
    OptionalInt out = rows.apply(classifier.out() + ".weight");
    boolean whole = rows.apply(dense(classifier, prefix) + ".weight").isPresent();
    return whole ? out.orElse(0) : 0;
  }

  /** Name of the linear before the one that makes the logits. */
  static String dense(Classifier classifier, String prefix) {
    return classifier.pooler() ? prefix + classifier.dense() : classifier.dense();
  }

  /** What stands before the body's names, told by the word embeddings; empty without them. */
  static Optional<String> prefix(Architecture family, Iterable<String> matrices) {
    String words = family.anatomy().embeddings().words() + ".weight";
    for (String name : matrices) {
      if (name.equals(words) || name.endsWith("." + words)) {
        return Optional.of(name.substring(0, name.length() - words.length()));
      }
    }
    return Optional.empty();
  }
}
