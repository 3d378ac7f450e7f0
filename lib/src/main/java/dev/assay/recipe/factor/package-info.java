/** Low rank: which, measured how, and what becomes of the factors and of the rest. */
package dev.assay.recipe.factor;
