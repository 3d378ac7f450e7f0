package dev.assay.evaluate.pairs;

import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.FileStamp;
import dev.assay.checkpoint.Folder;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The data that comes inside the library: the paraphrase set. */
record ShippedPairs() implements Folder {
  static final String FILE = "paraphrases.tsv";

  @Override
  public String path() {
    return "assay.jar";
  }

  @Override
  public List<String> files() {
    return List.of(FILE);
  }

  @Override
  public ByteSource open(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ShippedPairs.class.getResourceAsStream(name), name)) {
      return new Bytes(path() + "/" + name, in.readAllBytes());
    }
  }

  private record Bytes(String path, byte[] contents) implements ByteSource {
    @Override
    public long length() {
      return contents.length;
    }

    @Override
    public Optional<FileStamp> stamp() {
      return Optional.empty();
    }

    @Override
    public void readFully(long position, byte[] target, int offset, int length) throws IOException {
      if (position < 0 || position > contents.length - length) {
        throw new EOFException(path + " ends before byte " + (position + length));
      }
      System.arraycopy(contents, (int) position, target, offset, length);
    }

    @Override
    public void close() {}
  }
}
