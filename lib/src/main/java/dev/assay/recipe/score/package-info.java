/** How important an entry is: one file a score, and the list of their names. */
package dev.assay.recipe.score;
