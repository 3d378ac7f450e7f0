/**
 * What a compressed model is evaluated on. A {@link dev.assay.evaluate.Task} is what goes into a
 * model, what the model is asked for, and a judge of what comes out; each kind of task is a folder,
 * and {@link dev.assay.evaluate.Tasks} lists them.
 */
package dev.assay.evaluate;
