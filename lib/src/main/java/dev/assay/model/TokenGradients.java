package dev.assay.model;

import dev.assay.tensor.Matrix;

/**
 * What one example's loss ℓ says of a linear y = W·x: with these, ∂ℓ/∂W = Σ g·xᵀ over the tokens.
 *
 * @param input x, tokens × in, padding excluded; one row in the heads, behind the pooling
 * @param gradient g = ∂ℓ/∂y of the same tokens, tokens × out
 */
public record TokenGradients(Matrix input, Matrix gradient) {}
