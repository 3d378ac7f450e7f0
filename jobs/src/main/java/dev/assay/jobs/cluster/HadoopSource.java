package dev.assay.jobs.cluster;

import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.FileStamp;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** One open file of a {@link HadoopFolder}; its reads are positioned and may run concurrently. */
record HadoopSource(FileSystem fs, FileStatus status, FSDataInputStream stream)
    implements ByteSource {

  @Override
  public String path() {
    return status.getPath().toString();
  }

  @Override
  public long length() {
    return status.getLen();
  }

  /**
   * Best first: the entity tag of an object; the checksum that HDFS keeps of a file's blocks, for
   * which it asks one data node for each block; number and times of a local file; the time of
   * modification.
   */
  @Override
  public Optional<FileStamp> stamp() throws IOException {
    if (fs instanceof RawLocalFileSystem) {
      return Optional.of(FileStamp.ofLocal(Path.of(status.getPath().toUri().getPath())));
    }
    if (status instanceof EtagSource tagged
        && tagged.getEtag() != null
        && !tagged.getEtag().isEmpty()) {
      return Optional.of(FileStamp.ofContents("etag " + tagged.getEtag()));
    }
    FileChecksum sum = fs.getFileChecksum(status.getPath());
    if (sum != null) {
      String bytes = HexFormat.of().formatHex(sum.getBytes());
      return Optional.of(FileStamp.ofContents(sum.getAlgorithmName() + " " + bytes));
    }
    long modified = status.getModificationTime();
    return modified > 0
        ? Optional.of(FileStamp.ofTime(Instant.ofEpochMilli(modified)))
        : Optional.empty();
  }

  @Override
  public void readFully(long position, byte[] target, int offset, int count) throws IOException {
    // Stores differ in what they do at the end of a file; the length is known here.
    if (position < 0 || position > length() - count) {
      throw new EOFException(
          path() + ": bytes " + position + " to " + (position + count) + " of " + length());
    }
    stream.readFully(position, target, offset, count);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
