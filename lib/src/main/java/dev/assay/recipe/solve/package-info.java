/** Rounding and pruning whose errors are made up for: the walk through the columns. */
package dev.assay.recipe.solve;
