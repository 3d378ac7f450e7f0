package dev.assay.tensor;

/** A value that is large enough for its memory to be counted. */
public interface Held {
  /** Bytes of heap that it holds, to within a few per cent. */
  long bytes();
}
