package dev.assay.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** A file that is read by position: a local file, or whatever a Hadoop file system offers. */
public interface ByteSource extends Closeable {
  /** The full path, for messages. */
  String path();

  /** Length in bytes. */
  long length();

  /** What the store says of the contents; empty where it says nothing that tells them apart. */
  Optional<FileStamp> stamp() throws IOException;

  /**
   * Fills {@code target[offset, offset + length)} from {@code position}.
   *
   * @throws java.io.EOFException if the file ends first
   */
  void readFully(long position, byte[] target, int offset, int length) throws IOException;
}
