package dev.assay.plan;

import dev.assay.recipe.NamedRecipe;
import java.io.Serializable;

/**
 * Recipe × unit: one row of {@code cells}.
 *
 * @param id hash of everything that determines the result
 * @param recipe what is done
 * @param factorization how the weight is factorized for it
 */
public record Cell(String id, NamedRecipe recipe, Factorization factorization)
    implements Serializable {}
