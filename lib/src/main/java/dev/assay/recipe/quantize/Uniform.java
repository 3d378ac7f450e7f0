package dev.assay.recipe.quantize;

import java.util.Locale;

/**
 * Levels at equal distances as published codes choose them: how a range [lo, hi] and a number of
 * bits become a scale s and a zero point z, with ŵ = s·(q − z) and q = clamp(rint(w/s) + z, 0,
 * top). Scales and quotients are in float and rounded half to even, as in the reference
 * implementations.
 */
public enum Uniform {
  /**
   * GPTQ, asymmetric (IST-DASLab/gptq, quant.py): the range is widened to hold 0; z = rint(−lo/s).
   */
  GPTQ_ASYM {
    @Override
    UniformFit fit(float lo, float hi, int bits) {
      float low = Math.min(0, lo);
      float high = Math.max(0, hi);
      if (low == 0 && high == 0) {
        low = -1;
        high = 1;
      }
      int top = top(bits);
      float scale = (high - low) / top;
      return fitted(bits, scale, clamp(Math.rint(-low / scale), top));
    }
  },

  /**
   * GPTQ, symmetric: z = 2^(b−1), s = 2·max|w|/(2^b − 1), so the largest positive entry is clipped
   * by half a step. A range without negative entries keeps lo = 0, as the authors' code does, and
   * then loses its upper half; rows of real weights always have both signs.
   */
  GPTQ_SYM {
    @Override
    UniformFit fit(float lo, float hi, int bits) {
      float low = Math.min(0, lo);
      float high = Math.max(Math.abs(low), hi);
      if (low < 0) {
        low = -high;
      }
      if (low == 0 && high <= 0) {
        low = -1;
        high = 1;
      }
      return fitted(bits, (high - low) / top(bits), impliedZero(bits));
    }

    @Override
    public boolean symmetric() {
      return true;
    }

    @Override
    public int impliedZero(int bits) {
      return 1 << (bits - 1);
    }
  },

  /**
   * AWQ, asymmetric (mit-han-lab/llm-awq, pseudo_quantize_tensor): 0 is not forced into the range
   * and z is clamped to the codes. A granule that lies on one side of zero and far from it cannot
   * be represented; the error of such a granule is the method's, kept on purpose.
   */
  AWQ_ASYM {
    @Override
    UniformFit fit(float lo, float hi, int bits) {
      float scale = Math.max(hi - lo, 1e-5f) / top(bits);
      return fitted(bits, scale, clamp(-Math.rint(lo / scale), top(bits)));
    }
  },

  /**
   * Symmetric with as many positive as negative codes (SmoothQuant, QuaRot, arXiv 2512.01343): s =
   * max|w|/(2^(b−1) − 1), z implied.
   */
  NARROW_SYM {
    @Override
    UniformFit fit(float lo, float hi, int bits) {
      float bound = Math.max(Math.abs(lo), Math.abs(hi));
      if (bound == 0) {
        bound = 1;
      }
      return fitted(bits, bound / impliedZero(bits), impliedZero(bits));
    }

    @Override
    public boolean symmetric() {
      return true;
    }

    @Override
    public int impliedZero(int bits) {
      return (1 << (bits - 1)) - 1;
    }

    @Override
    public int top(int bits) {
      return (1 << bits) - 2;
    }
  },

  /**
   * SpQR (Vahe1994/SpQR, quant_groups.py without round_zero): 0 is not forced into the range and z
   * = −lo/s is a real number, with q = clamp(rint(w/s + z), 0, top). Where all entries are one
   * value v, which the authors' code widens to [−1, 1], s = |v|/top and z is such that code 0 is v;
   * where they are all 0, s is 0.
   */
  MIN_MAX {
    @Override
    UniformFit fit(float lo, float hi, int bits) {
      if (lo == hi) {
        return fitted(bits, Math.abs(lo) / top(bits), -Math.signum(lo) * top(bits));
      }
      float scale = (hi - lo) / top(bits);
      return fitted(bits, scale, -lo / scale);
    }

    @Override
    public boolean realZero() {
      return true;
    }

    @Override
    int code(float w, UniformFit fit) {
      if (fit.scale() == 0) {
        return 0;
      }
      return clamp(Math.rint((double) w / fit.scale() + fit.zero()), top(fit.bits()));
    }
  };

  /** Scale and zero point for the range [lo, hi]. */
  abstract UniformFit fit(float lo, float hi, int bits);

  UniformFit fitted(int bits, float scale, float zero) {
    return new UniformFit(this, bits, scale, zero);
  }

  /** Whether z is implied and need not be stored. */
  public boolean symmetric() {
    return false;
  }

  /** Whether z is a real number rather than a code. */
  public boolean realZero() {
    return false;
  }

  /** The zero point of a symmetric grid. */
  public int impliedZero(int bits) {
    throw new IllegalStateException(label() + " stores its zero points");
  }

  /** The largest code. */
  public int top(int bits) {
    return (1 << bits) - 1;
  }

  /** The code of {@code w}. */
  int code(float w, UniformFit fit) {
    return clamp(Math.rint(w / fit.scale()) + fit.zero(), top(fit.bits()));
  }

  /** The name in configuration, {@code gptq-asym}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static int clamp(double code, int top) {
    return (int) Math.max(0, Math.min(top, code));
  }
}
