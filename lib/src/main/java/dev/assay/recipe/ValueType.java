package dev.assay.recipe;

import dev.assay.tensor.DType;
import java.util.Locale;

/** What kept values are stored in: the checkpoint's own type, or a given one. */
public enum ValueType {
  /** Whatever the checkpoint holds the weight in, so that a kept value is exactly the original. */
  SOURCE,
  F32,
  F16,
  BF16;

  /** The type, of a weight that the checkpoint holds in {@code stored}. */
  public DType of(DType stored) {
    return switch (this) {
      case SOURCE -> stored;
      case F32 -> DType.F32;
      case F16 -> DType.F16;
      case BF16 -> DType.BF16;
    };
  }

  /** The name in configuration. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
