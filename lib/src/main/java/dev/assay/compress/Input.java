package dev.assay.compress;

import dev.assay.recipe.UnfitException;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * An input that one or several linears read: what is known of it, and what has been computed from
 * that. It serves all cells of those linears that one task computes; not for several threads.
 */
public final class Input {
  /** Where what is known of an input comes from; each is asked at most once. */
  public interface Source {
    /** Whether there are statistics. */
    default boolean calibrated() {
      return true;
    }

    /**
     * What calibration learned.
     *
     * @throws UnfitException if there was none
     * @throws IOException if it cannot be read
     */
    InputStatistics statistics() throws IOException;

    /**
     * The weights of all linears that read the input, in order of name.
     *
     * @throws IOException if they cannot be read
     */
    List<Matrix> peers() throws IOException;
  }

  private final Source source;
  private final Map<Object, Object> made = new HashMap<>();

  private Input(Source source) {
    this.source = source;
  }

  /** An input with what {@code source} knows of it. */
  public static Input of(Source source) {
    return new Input(source);
  }

  /** The input of {@code weight} alone, of which nothing is known. */
  public static Input unknown(Matrix weight) {
    return of(
        new Source() {
          @Override
          public boolean calibrated() {
            return false;
          }

          @Override
          public InputStatistics statistics() {
            throw new UnfitException(
                "The recipe needs statistics of the weight's input, and there are none; add a"
                    + " calibration block, or statistics = DIR");
          }

          @Override
          public List<Matrix> peers() {
            return List.of(weight);
          }
        });
  }

  /** Whether anything is known of the input. */
  public boolean calibrated() {
    return source.calibrated();
  }

  /** What calibration learned of the input. */
  public InputStatistics statistics() {
    return once("statistics", () -> read(source::statistics));
  }

  /** The weights of all linears that read it, in order of name. */
  public List<Matrix> peers() {
    return once("peers", () -> read(source::peers));
  }

  /** What {@code make} makes, made once for every {@code key}. */
  @SuppressWarnings("unchecked") // a key names one thing, which has one type
  public <T> T once(Object key, Supplier<T> make) {
    Object known = made.get(key);
    if (known == null) {
      known = make.get();
      made.put(key, known);
    }
    return (T) known;
  }

  private interface Read<T> {
    T read() throws IOException;
  }

  private static <T> T read(Read<T> read) {
    try {
      return read.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
