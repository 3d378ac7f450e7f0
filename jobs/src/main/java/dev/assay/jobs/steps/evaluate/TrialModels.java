package dev.assay.jobs.steps.evaluate;

import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.model.Model;
import dev.assay.model.ModelLoader;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * The models of one executor: the dense one, loaded once and shared by every task, and the few
 * trials that tasks have asked for last, each an overlay on it.
 */
public final class TrialModels {
  /** Tasks are ordered by trial, so only neighbours run side by side. */
  private static final int KEPT = 3;

  private static final TrialModels OF_THIS_JVM = new TrialModels();

  private final Map<String, Model> dense = new HashMap<>();
  private final Map<String, Kept> trials = new LinkedHashMap<>(8, 0.75f, true);

  private TrialModels() {}

  /** A trial's model, once it is made, and the tasks that compute with it. */
  private static final class Kept {
    private Model encoder;
    private int users;
  }

  /** What a task does with a model. */
  public interface Use<R> {
    R with(Model encoder) throws IOException;
  }

  public static TrialModels ofThisJvm() {
    return OF_THIS_JVM;
  }

  /** The dense model of a checkpoint. */
  public Model dense(String model, Configuration conf) throws IOException {
    // The driver may know it by a shorter name than its tasks.
    String path = HadoopFolder.qualified(model, conf);
    synchronized (dense) {
      Model encoder = dense.get(path);
      if (encoder == null) {
        encoder = ModelLoader.load(HadoopFolder.open(path, conf));
        dense.put(path, encoder);
      }
      return encoder;
    }
  }

  /**
   * Computes with a trial's model, which stays open meanwhile: an executor with many slots has more
   * trials at work than are kept.
   *
   * @param id what the trial is known by
   */
  public <R> R trial(
      String id, Trial trial, EffectiveWeights weights, Configuration conf, Use<R> use)
      throws IOException {
    Kept kept = take(id);
    try {
      Model encoder;
      // Others that want this trial wait for it to be made; those that want another do not.
      synchronized (kept) {
        if (kept.encoder == null) {
          kept.encoder = dense(weights.model(), conf).with(weights.of(trial, conf));
        }
        encoder = kept.encoder;
      }
      return use.with(encoder);
    } finally {
      giveBack(kept);
    }
  }

  private Kept take(String id) {
    synchronized (trials) {
      Kept kept = trials.computeIfAbsent(id, unknown -> new Kept());
      kept.users++;
      return kept;
    }
  }

  private void giveBack(Kept kept) {
    synchronized (trials) {
      kept.users--;
      Iterator<Kept> oldestFirst = trials.values().iterator();
      while (trials.size() > KEPT && oldestFirst.hasNext()) {
        Kept oldest = oldestFirst.next();
        if (oldest.users == 0) {
          oldestFirst.remove();
          if (oldest.encoder != null) {
            oldest.encoder.close();
          }
        }
      }
    }
  }
}
