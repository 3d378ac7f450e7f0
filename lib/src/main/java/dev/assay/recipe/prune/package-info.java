/** Which entries become zero. */
package dev.assay.recipe.prune;
