package dev.assay.finetune;

/**
 * A learning rate that rises linearly from zero and falls linearly to zero.
 *
 * @param highest the rate where it turns
 * @param warmup share of the steps before it does
 */
public record Schedule(double highest, double warmup) {

  /** The rate of step {@code step} of {@code steps}, counted from 0. */
  double rate(int step, int steps) {
    int rising = (int) Math.ceil(warmup * steps);
    return step < rising
        ? highest * (step + 1) / rising
        : highest * (steps - step) / (steps - rising);
  }
}
