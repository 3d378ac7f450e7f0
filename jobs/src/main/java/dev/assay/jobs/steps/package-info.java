/** The steps of a sweep on Spark: factorize, compress, and what they share. */
package dev.assay.jobs.steps;
