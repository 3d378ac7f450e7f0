package dev.assay.family;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The shape of a model: what {@code config.json} says of it, as far as computing needs it. Equal
 * configurations have equal texts, which stand for them in ids.
 *
 * @param modelType the name of its {@link Architecture}
 * @param vocabulary rows of the word embeddings
 * @param width size of a hidden state
 * @param layers number of blocks
 * @param attention heads and positions
 * @param intermediate width between the linears of a feed-forward layer
 * @param positions the most tokens a text may have
 * @param padding the token that takes no position, where positions are counted from behind its id
 * @param types rows of the token type embeddings; 0 where there are none
 * @param epsilon of every norm
 * @param activation of feed-forward layers
 * @param biased roles whose linears have a bias
 * @param tied whether the word embeddings make the logits of the next token
 * @param labels names of the classes by their index in the logits ({@code id2label}); empty where
 *     the file names none
 */
public record ModelConfig(
    String modelType,
    int vocabulary,
    int width,
    int layers,
    Attention attention,
    int intermediate,
    int positions,
    OptionalInt padding,
    int types,
    double epsilon,
    Activation activation,
    SortedSet<Role> biased,
    boolean tied,
    List<String> labels) {
  public ModelConfig {
    biased = Collections.unmodifiableSortedSet(new TreeSet<>(biased));
    labels = List.copyOf(labels);
  }

  /** An encoder with biases everywhere and positions from 0. */
  public static ModelConfig encoder(
      String modelType,
      int vocabulary,
      int width,
      int layers,
      int heads,
      int intermediate,
      int positions,
      int types,
      double epsilon,
      Activation activation,
      List<String> labels) {
    return new ModelConfig(
        modelType,
        vocabulary,
        width,
        layers,
        Attention.plain(heads, width),
        intermediate,
        positions,
        OptionalInt.empty(),
        types,
        epsilon,
        activation,
        new TreeSet<>(List.of(Role.values())),
        false,
        labels);
  }

  /** The model's family. */
  public Architecture family() {
    return Families.running(modelType)
        .orElseThrow(() -> new IllegalStateException("No family " + modelType));
  }

  /** Rows of the position embeddings. */
  public int positionRows() {
    return positions + (padding.isPresent() ? padding.getAsInt() + 1 : 0);
  }

  /** Names of the classes by their index in the logits; empty where none are named. */
  public Map<Integer, String> id2label() {
    Map<Integer, String> names = new TreeMap<>();
    labels.forEach(label -> names.put(names.size(), label));
    return names;
  }

  /** The same with other names of the classes. */
  public ModelConfig labelled(List<String> names) {
    return with(attention, positions, padding, names);
  }

  /** The same with positions counted from behind the id of {@code token}, of a table's rows. */
  ModelConfig countedFrom(int token) {
    return with(attention, positions - token - 1, OptionalInt.of(token), labels);
  }

  /** The same with other attention. */
  ModelConfig attending(Attention other) {
    return with(other, positions, padding, labels);
  }

  private ModelConfig with(
      Attention attending, int longest, OptionalInt counted, List<String> names) {
    return new ModelConfig(
        modelType,
        vocabulary,
        width,
        layers,
        attending,
        intermediate,
        longest,
        counted,
        types,
        epsilon,
        activation,
        biased,
        tied,
        names);
  }
}
