/** The tasks of GLUE, put to models with a classification head. */
package dev.assay.evaluate.glue;
