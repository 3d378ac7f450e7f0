package dev.assay.family;

import dev.assay.family.Blocks.Order;
import dev.assay.family.Feed.Through;
import java.util.Map;
import java.util.Optional;

/**
 * The names of a family's network: what is where, and in what order it is applied. Names are those
 * of modules, without {@code .weight} and, in the network's body, without the prefix that a whole
 * model puts before them.
 *
 * @param embeddings what makes hidden states of tokens
 * @param blocks what is in every block
 * @param distances the table of biases of attention's scores by distance, where there is one
 * @param norms what norms compute
 * @param finalNorm the norm behind the last block, where there is one
 * @param classifier the sequence classification head that the family has, where one is run
 * @param logits the linear, outside the body, that makes logits of every token's next one
 */
public record Anatomy(
    Embeddings embeddings,
    Blocks blocks,
    Optional<String> distances,
    Norms norms,
    Optional<String> finalNorm,
    Optional<Classifier> classifier,
    Optional<String> logits) {

  /** What the norms of a network compute. */
  public enum Norms {
    /** γ·(x − mean)/√(var + ε) + β (Ba, Kiros and Hinton, 2016). */
    LAYER_NORM,
    /** γ·x/√(mean x² + ε) (Zhang and Sennrich, 2019). */
    RMS_NORM
  }

  /** An encoder: norms behind the sums, and a head over the first token. */
  static Anatomy encoder(Embeddings embeddings, Blocks blocks, Classifier classifier) {
    return new Anatomy(
        embeddings,
        blocks,
        Optional.empty(),
        Norms.LAYER_NORM,
        Optional.empty(),
        Optional.of(classifier),
        Optional.empty());
  }

  /** A decoder: norms before every layer and behind the last, and logits of the next token. */
  static Anatomy decoder(
      Embeddings embeddings, Blocks blocks, Norms norms, String finalNorm, String logits) {
    return new Anatomy(
        embeddings,
        blocks,
        Optional.empty(),
        norms,
        Optional.of(finalNorm),
        Optional.empty(),
        Optional.of(logits));
  }

  /** The same with a table of biases of attention's scores by distance. */
  Anatomy withDistances(String table) {
    return new Anatomy(
        embeddings, blocks, Optional.of(table), norms, finalNorm, classifier, logits);
  }

  /** Whether a token sees only those before it, as in a network that makes the next one. */
  public boolean causal() {
    return logits.isPresent();
  }

  /** What stands before a linear of a block; empty for other tensors. */
  Optional<Feed> feed(String tensorName) {
    return CommonNames.find(tensorName)
        .filter(found -> found.block().endsWith(blocks.list() + '.' + found.layer()))
        .flatMap(this::feed);
  }

  private Optional<Feed> feed(CommonNames.Found found) {
    String block = found.block() + '.';
    Map<Role, String> linears = blocks.linears();
    return switch (found.role()) {
      case QUERY, KEY, VALUE, QKV -> norm(found);
      case GATE, UP, GATE_UP ->
          Optional.of(
              new Feed(
                  block
                      + (blocks.order() == Order.PRE_NORM
                          ? blocks.feedForwardNorm()
                          : blocks.attentionNorm()),
                  Through.NORM));
      case OUTPUT ->
          Optional.of(
              new Feed(
                  block + linears.getOrDefault(Role.VALUE, linears.get(Role.QKV)), Through.HEADS));
      case DOWN ->
          Optional.of(
              new Feed(
                  block + linears.get(Role.UP),
                  linears.containsKey(Role.GATE) ? Through.GATE : Through.ACTIVATION));
    };
  }

  /** The norm that attention reads: its own, or that of the block before, or the embeddings'. */
  private Optional<Feed> norm(CommonNames.Found found) {
    String block = found.block() + '.';
    if (blocks.order() == Order.PRE_NORM) {
      return Optional.of(new Feed(block + blocks.attentionNorm(), Through.NORM));
    }
    String list = found.block().substring(0, found.block().lastIndexOf('.') + 1);
    if (found.layer() > 0) {
      return Optional.of(
          new Feed(list + (found.layer() - 1) + '.' + blocks.feedForwardNorm(), Through.NORM));
    }
    String prefix = list.substring(0, list.length() - blocks.list().length() - 1);
    return embeddings.norm().map(norm -> new Feed(prefix + norm, Through.NORM));
  }
}
