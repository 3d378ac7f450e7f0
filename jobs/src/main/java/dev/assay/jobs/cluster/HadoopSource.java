package dev.assay.jobs.cluster;

import dev.assay.checkpoint.ByteSource;
import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;

/** One open file of a {@link HadoopFolder}; its reads are positioned and may run concurrently. */
record HadoopSource(String path, long length, long modified, FSDataInputStream stream)
    implements ByteSource {

  @Override
  public void readFully(long position, byte[] target, int offset, int count) throws IOException {
    // Stores differ in what they do at the end of a file; the length is known here.
    if (position < 0 || position > length - count) {
      throw new EOFException(
          path + ": bytes " + position + " to " + (position + count) + " of " + length);
    }
    stream.readFully(position, target, offset, count);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
