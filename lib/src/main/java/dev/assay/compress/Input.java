package dev.assay.compress;

import dev.assay.recipe.UnfitException;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
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
  private final Shared shared;
  private Optional<InputStatistics> statistics = Optional.empty();
  private List<Matrix> peers = List.of();

  private Input(Source source, long limit) {
    this.source = source;
    this.shared = new Shared(limit);
  }

  /**
   * An input with what {@code source} knows of it.
   *
   * @param rows output features of the largest weight that reads it
   * @param cols its channels; {@link #shared} bounds what is kept of intermediate results
   */
  public static Input of(Source source, int rows, int cols) {
    return new Input(source, shared(rows, cols));
  }

  /**
   * Bytes of intermediate results that are kept for the readers of an input: three matrices of its
   * second moments in double, and the weighted factors of a rows × cols weight.
   */
  private static long shared(long rows, long cols) {
    return 24 * cols * cols + 4 * (rows + cols) * Math.min(rows, cols);
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
        },
        weight.rows(),
        weight.cols());
  }

  /** Whether anything is known of the input. */
  public boolean calibrated() {
    return source.calibrated();
  }

  /** What calibration learned of the input. */
  public InputStatistics statistics() {
    if (statistics.isEmpty()) {
      statistics = Optional.of(read(source::statistics));
    }
    return statistics.get();
  }

  /** The weights of all linears that read it, in order of name. */
  public List<Matrix> peers() {
    if (peers.isEmpty()) {
      peers = read(source::peers);
    }
    return peers;
  }

  /** What {@code make} makes for {@code key}, made once while it is kept. */
  public <T> T once(Object key, Supplier<T> make) {
    return shared.once(key, make);
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
