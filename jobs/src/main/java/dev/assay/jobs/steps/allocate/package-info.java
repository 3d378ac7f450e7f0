/** Allocates budgets over the cells that a sweep has measured. */
package dev.assay.jobs.steps.allocate;
