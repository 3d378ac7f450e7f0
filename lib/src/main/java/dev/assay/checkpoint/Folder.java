package dev.assay.checkpoint;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

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

  /** The folder {@code name} directly in this one; empty where there is none. */
  default Optional<Folder> folder(String name) throws IOException {
    return Optional.empty();
  }
}
