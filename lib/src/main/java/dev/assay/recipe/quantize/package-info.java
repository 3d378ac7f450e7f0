/** How what is left is stored: as codes, or as it is. */
package dev.assay.recipe.quantize;
