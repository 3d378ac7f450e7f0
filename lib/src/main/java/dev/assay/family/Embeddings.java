package dev.assay.family;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Names of what makes hidden states of tokens, without the prefix of the whole model.
 *
 * @param words one row per token of the vocabulary
 * @param positions one row per position, where they are learned
 * @param types one row per text of a pair, where the family has them
 * @param norm behind the sum, where there is one
 */
public record Embeddings(
    String words, Optional<String> positions, Optional<String> types, Optional<String> norm) {

  /** Names of the tables. */
  Stream<String> tables() {
    return Stream.of(Optional.of(words), positions, types).flatMap(Optional::stream);
  }

  /** Names of all modules. */
  public Stream<String> modules() {
    return Stream.concat(tables(), norm.stream());
  }
}
