package dev.assay.family;

/**
 * What stands before a linear, channel by channel: a scale of its outputs is a scale of the
 * linear's inputs, as far as what lies between lets it pass.
 *
 * @param module name of a norm or a linear without {@code .weight}
 * @param through what lies between
 */
public record Feed(String module, Through through) {

  /** What lies between a module and the linear that it feeds. */
  public enum Through {
    /** Nothing: the module is the norm whose result the linear reads. */
    NORM,
    /**
     * Attention's weighted mean over tokens: any scale passes, if query heads that share a value
     * head get the same.
     */
    HEADS,
    /** The product with the activated gate: any scale passes. */
    GATE,
    /** An activation: a positive scale passes ReLU, none the others. */
    ACTIVATION
  }
}
