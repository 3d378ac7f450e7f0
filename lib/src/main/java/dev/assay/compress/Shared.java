package dev.assay.compress;

import dev.assay.tensor.Held;
import dev.assay.tensor.Matrix;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Intermediate results that cells have in common, each made once while it is kept. Together they
 * hold a bounded number of bytes, their keys not counted: what was not asked for longest goes
 * first, and is made again if it is asked for again, which gives the same values. Not for several
 * threads.
 */
final class Shared {
  private final long limit;
  private final Map<Object, Object> made = new LinkedHashMap<>(16, 0.75f, true);
  private long held;

  /**
   * Nothing yet.
   *
   * @param limit bytes that may be kept; the one that was made last is kept in any case
   */
  Shared(long limit) {
    this.limit = limit;
  }

  /** What {@code make} makes for {@code key}. */
  @SuppressWarnings("unchecked") // a key names one thing, which has one type
  <T> T once(Object key, Supplier<T> make) {
    Object known = made.get(key);
    if (known == null) {
      known = make.get(); // may ask for others
      held += bytes(known);
      made.put(key, known);
      makeRoom();
    }
    return (T) known;
  }

  private void makeRoom() {
    Iterator<Object> oldestFirst = made.values().iterator();
    for (int left = made.size(); held > limit && left > 1; left--) {
      long bytes = bytes(oldestFirst.next());
      if (bytes > 0) { // to drop what is small makes no room
        held -= bytes;
        oldestFirst.remove();
      }
    }
  }

  private static long bytes(Object value) {
    if (value instanceof Held counted) {
      return counted.bytes();
    }
    if (value instanceof Matrix matrix) {
      return 4L * matrix.data().length;
    }
    // A vector of channels is small beside their second moments.
    return value instanceof double[] numbers ? 8L * numbers.length : 0;
  }
}
