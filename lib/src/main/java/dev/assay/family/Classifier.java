package dev.assay.family;

/**
 * Names of a sequence classification head: two linears with an activation between them, over the
 * last hidden state of the first token.
 *
 * @param dense the first linear
 * @param pooler whether {@code dense} belongs to the encoder and stands behind its prefix
 * @param activation between the two
 * @param out the linear that makes the logits
 */
public record Classifier(String dense, boolean pooler, Activation activation, String out) {}
