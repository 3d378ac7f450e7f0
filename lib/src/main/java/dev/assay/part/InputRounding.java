package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;

/** What a recipe prescribes for the input of a compressed matrix, in that matrix' own basis. */
public sealed interface InputRounding extends Serializable {
  /** The input stays as it is. */
  record None() implements InputRounding {
    @Override
    public ObjectNode description() {
      return Artifact.describe("none");
    }
  }

  /**
   * Every token is rounded at run time with a scale of its own, symmetrically: s = c·max(max|xⱼ|,
   * 10⁻⁵)/(2^(b−1) − 1) over the token's channels, q = clamp(rint(x/s)) within −2^(b−1) … 2^(b−1) −
   * 1, x̂ = s·q. With c = 1 it is fake_quant.py of mit-han-lab/smoothquant; the clamp and c are
   * QuaRot's. Nothing is stored.
   *
   * @param bits b, 2 to 8
   * @param clipRatio c, above 0 and at most 1
   */
  record PerToken(int bits, double clipRatio) implements InputRounding {
    /** A token smaller than this has the scale of one that is not. */
    public static final double FLOOR = 1e-5;

    /** Checks the ranges. */
    public PerToken {
      if (bits < 2 || bits > 8 || !(clipRatio > 0 && clipRatio <= 1)) {
        throw new IllegalArgumentException(
            "Cannot round to " + bits + " bits with clip ratio " + clipRatio);
      }
    }

    /** The largest code, 2^(b−1) − 1; the smallest is −2^(b−1). */
    public int top() {
      return (1 << (bits - 1)) - 1;
    }

    @Override
    public ObjectNode description() {
      return Artifact.describe("per-token").put("bits", bits).put("clip-ratio", clipRatio);
    }
  }

  /** What {@link Artifact} needs to read it back. */
  ObjectNode description();

  /** Reads a {@link #description}. */
  static InputRounding read(Description description) {
    String kind = description.text("kind");
    return switch (kind) {
      case "none" -> new None();
      case "per-token" -> {
        double ratio = description.number("clip-ratio");
        if (!(ratio > 0 && ratio <= 1)) {
          throw description.wrong("clip-ratio is " + ratio);
        }
        yield new PerToken(description.integer("bits", 2, 8), ratio);
      }
      default -> throw description.wrong("kind is " + kind);
    };
  }
}
