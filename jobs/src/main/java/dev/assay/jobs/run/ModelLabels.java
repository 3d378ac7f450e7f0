package dev.assay.jobs.run;

import java.io.Serializable;

/**
 * What a checkpoint is called in tables.
 *
 * @param model its name
 * @param architecture its {@code model_type}
 */
public record ModelLabels(String model, String architecture) implements Serializable {}
