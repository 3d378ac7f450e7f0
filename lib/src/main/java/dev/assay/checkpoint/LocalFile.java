package dev.assay.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A local file read by position. Never mapped: a map is limited to 2 GiB and outlives its file. */
final class LocalFile implements ByteSource {
  private final Path path;
  private final FileChannel channel;
  private final long length;
  private final long modified;

  private LocalFile(Path path, FileChannel channel, long length, long modified) {
    this.path = path;
    this.channel = channel;
    this.length = length;
    this.modified = modified;
  }

  /** Opens {@code path} for reading. Its length and modification time are taken at this moment. */
  static LocalFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      long modified = Files.getLastModifiedTime(path).toMillis();
      return new LocalFile(path, channel, channel.size(), modified);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public String path() {
    return path.toString();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long modified() {
    return modified;
  }

  @Override
  public void readFully(long position, byte[] target, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new EOFException(
            path + " ends at byte " + at + ", before byte " + (position + length));
      }
      at += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
