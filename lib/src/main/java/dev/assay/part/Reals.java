package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/** One real number per granule, a scale or a zero point, as it is stored. */
public sealed interface Reals extends Serializable permits Numbers, SecondLevel {
  /** Numbers of one type, rounded to nearest even; the array is copied. */
  static Reals stored(float[] values, DType type) {
    return Numbers.stored(values, type);
  }

  /**
   * Reads what {@link #payload} and {@link #describe} wrote.
   *
   * @param groups granules in an output row
   * @param count how many there are
   */
  static Reals read(
      int groups, int count, Description description, SafetensorsFile file, String name, String key)
      throws IOException {
    return description.has(key)
        ? SecondLevel.read(groups, count, description.block(key), file, name)
        : Numbers.read(description, file, name).counted(count, description);
  }

  /** The number of a granule. */
  float at(int granule);

  /** How many there are. */
  int count();

  /** The tensors that storing them takes, under {@code name}. */
  List<Payload> payload(String name);

  /** Adds to {@code description}, under {@code key}, what reading them back takes. */
  void describe(ObjectNode description, String key);

  /** Size of {@link #payload} in bytes, without making it. */
  long bytes();
}
