package dev.assay.evaluate;

import dev.assay.checkpoint.Folder;
import dev.assay.family.ModelConfig;

/**
 * What a task has to know of the model that it is put to.
 *
 * @param folder the checkpoint's
 * @param config its shape, and the names of its classes
 * @param outputs width of its classification head, 0 if it has none
 */
public record Examinee(Folder folder, ModelConfig config, int outputs) {}
