package dev.assay.finetune;

import dev.assay.evaluate.answers.Measure;
import java.util.List;

/** Is told how a model learns. */
public interface Progress {
  /**
   * A step was made.
   *
   * @param step how many were made by now
   * @param steps how many there will be
   * @param examples learned from by now, each as often as it was
   * @param loss mean of the examples of this step
   */
  void step(int step, int steps, long examples, double loss);

  /** An epoch has ended. */
  void epoch(Epoch epoch);

  /**
   * How an epoch went.
   *
   * @param number counted from 1
   * @param loss mean of its examples, each before its step
   * @param dev what the model is worth on the dev part; empty where there is none
   */
  record Epoch(int number, double loss, List<Measure> dev) {
    public Epoch {
      dev = List.copyOf(dev);
    }
  }
}
