package dev.assay.checkpoint;

import java.io.IOException;
import java.util.List;

/** A directory of files on some file system; what a checkpoint is opened from. */
public interface Folder {
  /** The full path, for messages. */
  String path();

  /** Names of the plain files directly in it, sorted. */
  List<String> files() throws IOException;

  /**
   * Opens a file of this folder.
   *
   * @param name one of {@link #files()}
   */
  ByteSource open(String name) throws IOException;
}
