package dev.assay.checkpoint;

import java.io.EOFException;
import java.util.Optional;

/** Bytes in memory as a file. Counts what was read of them. */
public final class MemorySource implements ByteSource {
  private final String path;
  private final byte[] bytes;
  private long bytesRead;

  public MemorySource(String path, byte[] bytes) {
    this.path = path;
    this.bytes = bytes;
  }

  long bytesRead() {
    return bytesRead;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public Optional<FileStamp> stamp() {
    return Optional.empty();
  }

  @Override
  public void readFully(long position, byte[] target, int offset, int length) throws EOFException {
    if (position + length > bytes.length) {
      throw new EOFException(path + " ends before byte " + (position + length));
    }
    System.arraycopy(bytes, (int) position, target, offset, length);
    bytesRead += length;
  }

  @Override
  public void close() {}
}
