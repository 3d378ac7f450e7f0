package dev.assay.model;

/**
 * How a model is made ready to learn.
 *
 * @param outputs width of its classification head
 * @param head whether a head of that width is the checkpoint's
 * @param learned which parameters are learned
 * @param dropout share of the numbers dropped behind embeddings, attention, feed-forward layers and
 *     pooler, and of attention's own weights
 * @param weightDecay of matrices; biases and norms do not decay
 * @param seed of a new head's weights
 */
public record Training(
    int outputs, Head head, Learned learned, double dropout, double weightDecay, long seed) {

  /** Where the classification head comes from. */
  public enum Head {
    /** The checkpoint's. */
    KEPT,
    /**
     * New: weights drawn from N(0, 0.02²) as in BERT, biases zero; a pooler that is there stays.
     */
    NEW
  }

  /** Which parameters are learned. */
  public enum Learned {
    /** All but the embeddings' tables and their norm. */
    BLOCKS,
    /** All. */
    ALL
  }
}
