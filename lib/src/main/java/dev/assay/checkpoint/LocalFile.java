package dev.assay.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A local file read by position. Never mapped: a map is limited to 2 GiB and outlives its file. */
final class LocalFile implements ByteSource {
  private final Path path;
  private final FileChannel channel;
  private final long length;

  private LocalFile(Path path, FileChannel channel, long length) {
    this.path = path;
    this.channel = channel;
    this.length = length;
  }

  /** Opens {@code path} for reading. Its length is taken at this moment. */
  static LocalFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new LocalFile(path, channel, channel.size());
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
  public Optional<FileStamp> stamp() throws IOException {
    return Optional.of(FileStamp.ofLocal(path));
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
