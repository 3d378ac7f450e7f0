package dev.assay.recipe.quantize;

import dev.assay.config.Call;
import dev.assay.config.Settings;
import java.io.Serializable;
import java.util.Locale;

/** How far a granule's range reaches: entries beyond it are clipped to its ends. */
public interface Clip extends Serializable {
  /** The range of the entries: nothing is clipped. */
  record AbsMax() implements Clip {
    @Override
    public UniformFit fit(Granule granule, Uniform uniform, int bits) {
      return uniform.fit(granule.lo(), granule.hi(), bits);
    }

    @Override
    public String toString() {
      return "absmax";
    }
  }

  /**
   * {@code deviations} standard deviations (population, about the mean) of the granule's entries,
   * around 0 for symmetric grids and around the mean for others, and never beyond the entries'
   * range. Equal entries have no deviation; they get their range.
   *
   * @param deviations c, above 0
   */
  record Sigma(double deviations) implements Clip {
    @Override
    public UniformFit fit(Granule granule, Uniform uniform, int bits) {
      double deviation = granule.deviation();
      if (deviation == 0) {
        return new AbsMax().fit(granule, uniform, bits);
      }
      double reach = deviations * deviation;
      if (uniform.symmetric()) {
        float largest = Math.max(Math.abs(granule.lo()), Math.abs(granule.hi()));
        float bound = Math.min(largest, (float) reach);
        return uniform.fit(-bound, bound, bits);
      }
      double mean = granule.mean();
      float lo = Math.max(granule.lo(), (float) (mean - reach));
      float hi = Math.min(granule.hi(), (float) (mean + reach));
      return uniform.fit(lo, hi, bits);
    }

    @Override
    public String toString() {
      String number =
          deviations == Math.rint(deviations)
              ? String.format(Locale.ROOT, "%.0f", deviations)
              : Double.toString(deviations);
      return "sigma(" + number + ")";
    }
  }

  /**
   * The search of IST-DASLab/gptq: the range shrunk by p = 1, 0.99, …, 0.21, whichever has the
   * least Σ|ŵ − w|^2.4; the widest of equals.
   */
  record Mse() implements Clip {
    private static final int STEPS = 80;
    private static final double NORM = 2.4;

    @Override
    public UniformFit fit(Granule granule, Uniform uniform, int bits) {
      UniformFit best = uniform.fit(granule.lo(), granule.hi(), bits);
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < STEPS; i++) {
        float p = (float) (1 - i / 100.0);
        UniformFit fit = uniform.fit(p * granule.lo(), p * granule.hi(), bits);
        double error = granule.error(fit, NORM, least);
        if (error < least) {
          least = error;
          best = fit;
        }
      }
      return best;
    }

    @Override
    public double scans() {
      return 10 * STEPS;
    }

    @Override
    public String toString() {
      return "mse";
    }
  }

  /** Scale and zero point for one granule. */
  UniformFit fit(Granule granule, Uniform uniform, int bits);

  /** Operations per entry, for the cost model. */
  default double scans() {
    return 2;
  }

  /** Reads {@code clip = absmax}, {@code mse}, or {@code "sigma(2.5)"}. */
  static Clip read(Settings settings) {
    String text = settings.text("clip", "absmax");
    Call call = Call.parse(text).orElse(Call.NONE);
    if (call.is("absmax")) {
      return new AbsMax();
    }
    if (call.is("mse")) {
      return new Mse();
    }
    if (call.is("sigma", Double.MIN_VALUE, 1e6)) {
      return new Sigma(call.number().getAsDouble());
    }
    throw settings.wrong("clip", text, "Use absmax, mse, or sigma(2.5) with a number above 0");
  }
}
