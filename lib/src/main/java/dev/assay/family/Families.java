package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The families that are known. A new one is its file, and a line here. */
public final class Families {
  private static final List<Architecture> ALL =
      List.of(new DistilBert(), new Roberta(), new Bert(), new Mpnet(), new Gpt2(), new Llama());

  /** The type of a checkpoint that says nothing of itself. */
  public static final String UNKNOWN = "unknown";

  private Families() {}

  /** Those whose models run. */
  public static List<Architecture> all() {
    return ALL;
  }

  /** The family called {@code type} in {@code config.json}; any name is one. */
  public static Family of(String type) {
    return running(type).map(Family.class::cast).orElseGet(() -> new Unknown(type));
  }

  /** The family of that name, if its models run. */
  public static Optional<Architecture> running(String type) {
    return ALL.stream().filter(family -> family.type().equals(type)).findFirst();
  }

  /**
   * The family of a checkpoint that does not say: what its tensors tell.
   *
   * @param shapes their names and stored shapes
   */
  public static Family recognize(Map<String, List<Long>> shapes) {
    return ALL.stream()
        .filter(family -> family.recognizes(shapes))
        .map(Family.class::cast)
        .findFirst()
        .orElseGet(() -> new Unknown(UNKNOWN));
  }

  /** Names of those whose models run, for messages. */
  public static String names() {
    return String.join(", ", ALL.stream().map(Family::type).sorted().toList());
  }
}
