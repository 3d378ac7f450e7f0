package dev.assay.jobs.steps.evaluate;

import dev.assay.evaluate.Judge;
import dev.assay.model.Batch;
import dev.assay.model.Model;
import dev.assay.model.Pooling;
import java.io.Serializable;

/**
 * What is taken from a model.
 *
 * @param output logits or embeddings
 * @param pooling of embeddings
 */
record Readout(Judge.Output output, Pooling pooling) implements Serializable {
  /** One row a text. */
  float[][] of(Model encoder, Batch batch) {
    return output == Judge.Output.LOGITS
        ? encoder.logits(batch)
        : encoder.embeddings(batch, pooling);
  }
}
