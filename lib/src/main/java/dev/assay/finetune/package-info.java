/**
 * Teaching an encoder a GLUE task, so that there is a classifier whose compression can be judged.
 */
package dev.assay.finetune;
