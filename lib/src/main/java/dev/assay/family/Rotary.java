package dev.assay.family;

/**
 * Rotary positions (Su et al., 2021, arXiv 2104.09864): channels i and i + d/2 of a head of d turn
 * by the angle p·fᵢ at position p, fᵢ = θ^(−2i/d) but for the scaling.
 *
 * @param theta θ
 * @param scaling what makes a model read longer texts than it first learned from
 */
public record Rotary(double theta, Scaling scaling) {

  /** A change of a frequency. */
  public sealed interface Scaling {
    /** The changed frequency, radians per token. */
    double of(double frequency);
  }

  /** Frequencies as they are. */
  public record Unscaled() implements Scaling {
    @Override
    public double of(double frequency) {
      return frequency;
    }
  }

  /** Positions divided by a factor (Chen et al., 2023, arXiv 2306.15595). */
  public record Linear(double factor) implements Scaling {
    @Override
    public double of(double frequency) {
      return frequency / factor;
    }
  }

  /**
   * Llama 3.1's: frequencies divided by {@code factor} where the original context holds less than
   * {@code low} waves, kept where it holds more than {@code high}, and between the two in between.
   *
   * @param context the original context in tokens
   */
  public record Llama3(double factor, double low, double high, int context) implements Scaling {
    @Override
    public double of(double frequency) {
      double waves = context * frequency / (2 * Math.PI);
      if (waves < low) {
        return frequency / factor;
      }
      if (waves > high) {
        return frequency;
      }
      double kept = (waves - low) / (high - low);
      return (1 - kept) * frequency / factor + kept * frequency;
    }
  }

  /** The d/2 frequencies of a head of {@code headWidth} = d channels, rounded to float. */
  public float[] frequencies(int headWidth) {
    float[] frequencies = new float[headWidth / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) scaling.of(Math.pow(theta, -2.0 * i / headWidth));
    }
    return frequencies;
  }
}
