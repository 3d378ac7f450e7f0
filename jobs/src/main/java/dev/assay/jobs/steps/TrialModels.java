package dev.assay.jobs.steps;

import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.model.Encoder;
import dev.assay.model.ModelLoader;
import dev.assay.sweep.Trial;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * The models of one executor: the dense one, loaded once and shared by every task, and the few
 * trials that tasks have asked for last, each an overlay on it.
 */
final class TrialModels {
  /** Tasks are ordered by trial, so only neighbours run side by side. */
  private static final int KEPT = 3;

  private static final TrialModels OF_THIS_JVM = new TrialModels();

  private final Map<String, Encoder> dense = new LinkedHashMap<>();
  private final Map<String, Encoder> trials = new LinkedHashMap<>(8, 0.75f, true);

  private TrialModels() {}

  static TrialModels ofThisJvm() {
    return OF_THIS_JVM;
  }

  /** The dense model of a checkpoint. */
  synchronized Encoder dense(String model, Configuration conf) throws IOException {
    Encoder encoder = dense.get(model);
    if (encoder == null) {
      encoder = ModelLoader.load(HadoopFolder.open(model, conf));
      dense.put(model, encoder);
    }
    return encoder;
  }

  /**
   * A trial's model.
   *
   * @param id what the trial is known by
   */
  synchronized Encoder trial(String id, Trial trial, EffectiveWeights weights, Configuration conf)
      throws IOException {
    Encoder encoder = trials.get(id);
    if (encoder == null) {
      encoder = dense(weights.model(), conf).withMatrices(weights.of(trial, conf));
      trials.put(id, encoder);
    }
    while (trials.size() > KEPT) {
      String oldest = trials.keySet().iterator().next();
      // Batches that still run on it keep its memory until they end.
      trials.remove(oldest).close();
    }
    return encoder;
  }
}
