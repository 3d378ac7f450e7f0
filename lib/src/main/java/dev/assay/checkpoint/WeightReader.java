package dev.assay.checkpoint;

import dev.assay.InputException;
import dev.assay.tensor.Matrix;
import java.io.EOFException;
import java.io.IOException;

/**
 * Reads the elements of one tensor by byte range, a chunk at a time: beside the result, memory is
 * one chunk of bytes and, for a transposed tensor, one of floats.
 */
final class WeightReader {
  /** The most elements a Java array holds on every virtual machine. */
  static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;

  private static final int CHUNK = 1 << 20;
  private static final int TILE = 32;

  private final ByteSource source;
  private final String name;
  private final ElementType type;
  private final int size;
  private final long position;

  WeightReader(ByteSource source, String name, ElementType type, long position) {
    this.source = source;
    this.name = name;
    this.type = type;
    this.size = type.bits() / 8;
    this.position = position;
  }

  /** Rows {@code [first, first + count)} of the out × in matrix, without scales. */
  static Matrix rows(ByteSource source, Tensor tensor, int first, int count) throws IOException {
    long elements = (long) count * tensor.cols();
    if (elements > MAX_ELEMENTS) {
      throw new InputException(
          source.path() + ", tensor " + tensor.name(),
          "Its "
              + count
              + " × "
              + tensor.cols()
              + " elements exceed the "
              + MAX_ELEMENTS
              + " that one matrix holds",
          "Exclude the tensor from the sweep.");
    }
    WeightReader reader =
        new WeightReader(source, tensor.name(), tensor.encoding().type(), tensor.position());
    float[] data = new float[(int) elements];
    if (tensor.layout() == Tensor.Layout.OUT_IN) {
      reader.contiguous((long) first * tensor.cols(), data, 0, data.length);
    } else {
      reader.transposed(tensor.rows(), tensor.cols(), first, count, data);
    }
    return Matrix.of(count, tensor.cols(), data);
  }

  /** Elements {@code [from, from + count)} of the tensor into {@code target} from {@code at}. */
  void contiguous(long from, float[] target, int at, int count) throws IOException {
    int perChunk = CHUNK / size;
    byte[] bytes = new byte[Math.min(perChunk, count) * size];
    for (int done = 0; done < count; ) {
      int step = Math.min(perChunk, count - done);
      read(from + done, bytes, step);
      Elements.decode(type, bytes, target, at + done, step);
      done += step;
    }
  }

  /**
   * Columns {@code [first, first + count)} of the stored in × out matrix, as rows of out × in.
   * Where a quarter of the columns is wanted and rows are short, whole rows are read and the rest
   * is dropped; otherwise each row's own segment is read.
   */
  private void transposed(int out, int in, int first, int count, float[] target)
      throws IOException {
    int perChunk = CHUNK / size;
    boolean wholeRows = out <= perChunk && count >= (out + 3) / 4;
    int segment = wholeRows ? out : Math.min(perChunk, count);
    int rowsAtOnce = wholeRows ? Math.max(1, Math.min(in, perChunk / out)) : 1;
    byte[] bytes = new byte[rowsAtOnce * segment * size];
    float[] chunk = new float[rowsAtOnce * segment];
    for (int row = 0; row < in; row += rowsAtOnce) {
      int height = Math.min(rowsAtOnce, in - row);
      if (wholeRows) {
        read((long) row * out, bytes, height * out);
        Elements.decode(type, bytes, chunk, 0, height * out);
        scatter(chunk, out, first, height, count, target, 0, in, row);
        continue;
      }
      for (int col = 0; col < count; col += segment) {
        int width = Math.min(segment, count - col);
        read((long) row * out + first + col, bytes, width);
        Elements.decode(type, bytes, chunk, 0, width);
        scatter(chunk, width, 0, 1, width, target, col, in, row);
      }
    }
  }

  /** Transposes a block of {@code chunk} into {@code target}, tile by tile for the cache's sake. */
  private static void scatter(
      float[] chunk,
      int stride,
      int skip,
      int height,
      int width,
      float[] target,
      int targetRow,
      int targetCols,
      int targetCol) {
    for (int i0 = 0; i0 < height; i0 += TILE) {
      int i1 = Math.min(height, i0 + TILE);
      for (int j0 = 0; j0 < width; j0 += TILE) {
        int j1 = Math.min(width, j0 + TILE);
        for (int j = j0; j < j1; j++) {
          int to = (targetRow + j) * targetCols + targetCol;
          for (int i = i0; i < i1; i++) {
            target[to + i] = chunk[i * stride + skip + j];
          }
        }
      }
    }
  }

  private void read(long element, byte[] bytes, int count) throws IOException {
    try {
      source.readFully(position + element * size, bytes, 0, count * size);
    } catch (EOFException e) {
      throw new InputException(
          source.path() + ", tensor " + name,
          "The file ends before the tensor does",
          "It was changed or truncated after its header was read: restore it and run again.",
          e);
    }
  }
}
