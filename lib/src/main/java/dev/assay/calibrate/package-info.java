/**
 * What a model reads when it is calibrated: texts, their tokens, and what its answers to them cost.
 */
package dev.assay.calibrate;
