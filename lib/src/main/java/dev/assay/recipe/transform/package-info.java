/** Changes of the input's basis, and what is done to inputs: one file a stage. */
package dev.assay.recipe.transform;
