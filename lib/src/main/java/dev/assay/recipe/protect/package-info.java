/** Which entries stay as they are. */
package dev.assay.recipe.protect;
