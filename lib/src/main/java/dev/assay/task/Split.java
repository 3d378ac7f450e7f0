package dev.assay.task;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The parts of a GLUE task that carry labels. The published test files do not. */
public enum Split {
  TRAIN,
  DEV;

  /** The name in configurations and tables, such as {@code dev}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The split of that name, exactly as {@link #id} spells it. */
  public static Optional<Split> named(String id) {
    return Arrays.stream(values()).filter(split -> split.id().equals(id)).findFirst();
  }

  /** All names. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(Split::id).toList();
  }
}
