/**
 * Runs a model of one of the {@link dev.assay.family families} on libtorch, from any checkpoint,
 * with any of their weights replaced by what a recipe made of them.
 *
 * <p>{@link dev.assay.model.ModelLoader} makes the dense {@link dev.assay.model.Model}; {@link
 * dev.assay.model.Model#with} overlays it. Nothing here knows methods: a compressed weight comes as
 * a matrix or a chain of matrices.
 */
package dev.assay.model;
