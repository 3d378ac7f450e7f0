package dev.assay.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A range of a {@link ByteSource} as a stream. Skipping costs nothing. */
final class RangeInputStream extends InputStream {
  private final ByteSource source;
  private final long end;
  private long position;

  RangeInputStream(ByteSource source, long begin, long length) {
    this.source = source;
    this.position = begin;
    this.end = begin + length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (position >= end) {
      return -1;
    }
    int count = (int) Math.min(length, end - position);
    source.readFully(position, target, offset, count);
    position += count;
    return count;
  }

  @Override
  public long skip(long count) {
    long skipped = Math.max(0, Math.min(count, end - position));
    position += skipped;
    return skipped;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, end - position);
  }
}
