/**
 * The steps of a sweep on Spark: calibrate, factorize, compress, evaluate, compare, overlap; what
 * they share; and what goes on with a sweep's results or a model by itself, export and fine-tuning.
 */
package dev.assay.jobs.steps;
