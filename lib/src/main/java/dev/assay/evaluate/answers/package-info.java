/** Answers of models, and what they are worth: metrics, intervals, tests, fidelity. */
package dev.assay.evaluate.answers;
