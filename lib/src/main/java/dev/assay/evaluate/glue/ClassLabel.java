package dev.assay.evaluate.glue;

/**
 * One class of a classification task.
 *
 * @param number as Hugging Face's GLUE data sets number it, from 0
 * @param published how the published files spell it
 * @param name its name in Hugging Face's GLUE data sets
 */
public record ClassLabel(int number, String published, String name) {}
