/** What a model is asked in an evaluation, and what its answers are worth. */
package dev.assay.evaluate;
