package dev.assay.fuzz;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Something that reads what a user gives.
 *
 * @param name what the cases are called
 * @param where what an error's message must contain: the file's name, or what else tells the place
 * @param corpus good files
 * @param damage makes a bad file of good ones
 * @param reader reads a file and uses all that it holds
 */
public record Target(
    String name, Pattern where, List<byte[]> corpus, Damage damage, Reader reader) {
  /** How a file is damaged. */
  public interface Damage {
    /** A damaged copy of {@code file}, perhaps with parts of {@code other}. */
    byte[] of(byte[] file, byte[] other, long seed);
  }

  /** Reads a file. */
  public interface Reader {
    /**
     * Reads a file and uses what it holds.
     *
     * @throws dev.assay.InputException if the file is bad; whatever else is thrown is a failure
     */
    void read(byte[] file) throws IOException;
  }

  @Override
  public String toString() {
    return name;
  }

  /** How many cases of other targets take as long as one of this. */
  int weight() {
    return name.equals("sweep-conf") || name.equals("arguments") ? 3 : 1;
  }

  /** The file of one case. */
  byte[] file(long seed) {
    int first = (int) Math.floorMod(seed, (long) corpus.size());
    int second = (int) Math.floorMod(seed / corpus.size(), (long) corpus.size());
    return damage.of(corpus.get(first), corpus.get(second), seed);
  }
}
