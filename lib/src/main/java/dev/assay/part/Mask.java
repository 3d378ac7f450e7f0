package dev.assay.part;

import dev.assay.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Which entries of a matrix are stored: one bit per entry, row-major. */
final class Mask implements Serializable {
  private static final long serialVersionUID = 1L;

  private final BitSet present;
  private final int size;
  private final boolean full;

  private Mask(BitSet present, int size) {
    this.present = present;
    this.size = size;
    this.full = present.cardinality() == size;
  }

  /** All of {@code size} entries but {@code absent}. */
  static Mask without(BitSet absent, int size) {
    BitSet present = new BitSet(size);
    present.set(0, size);
    present.andNot(absent);
    return new Mask(present, size);
  }

  static Mask read(Description description, SafetensorsFile file, String prefix, int size)
      throws IOException {
    byte[] bytes = description.bytes(file, prefix + "mask", (size + 7L) / 8);
    BitSet present = BitSet.valueOf(bytes);
    if (present.length() > size) {
      throw description.wrong("its mask has more entries than the matrix");
    }
    return new Mask(present, size);
  }

  /** Number of entries that are stored. */
  int count() {
    return present.cardinality();
  }

  boolean has(int index) {
    return present.get(index);
  }

  /** Whether nothing is left out. */
  boolean isFull() {
    return full;
  }

  /** Indices of the entries that are stored, ascending. */
  int[] kept() {
    return present.stream().toArray();
  }

  /** The numbers at the entries that are stored. */
  float[] pick(float[] all) {
    int[] kept = kept();
    float[] picked = new float[kept.length];
    for (int i = 0; i < kept.length; i++) {
      picked[i] = all[kept[i]];
    }
    return picked;
  }

  /** As {@link #pick(float[])}. */
  char[] pick(char[] all) {
    int[] kept = kept();
    char[] picked = new char[kept.length];
    for (int i = 0; i < kept.length; i++) {
      picked[i] = all[kept[i]];
    }
    return picked;
  }

  Payload payload() {
    byte[] bytes = Arrays.copyOf(present.toByteArray(), (size + 7) / 8);
    return new Payload("mask", "U8", List.of((long) bytes.length), bytes);
  }

  long bytes() {
    return (size + 7L) / 8;
  }
}
