package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.BitSet;
import java.util.List;

/** Single entries kept as real numbers, which replace whatever the other parts decode to there. */
public final class Overlay implements Part {
  private static final long serialVersionUID = 1L;

  /** How the positions are stored. */
  public enum IndexType {
    /** One 32-bit row-major index per entry. */
    I32,
    /** Compressed rows: one 16-bit column per entry and one 32-bit start per row (and the end). */
    CSR16
  }

  /** The most columns that {@link IndexType#CSR16} can tell apart. */
  public static final int CSR16_COLUMNS = 1 << 16;

  private final int rows;
  private final int cols;
  private final int[] indices;
  private final Numbers values;
  private final IndexType indexType;

  /**
   * Keeps the entries of {@code matrix} that {@code kept} names.
   *
   * @param kept row-major indices
   * @param valueType what the values are stored in
   */
  public Overlay(Matrix matrix, BitSet kept, DType valueType, IndexType indexType) {
    this.rows = matrix.rows();
    this.cols = matrix.cols();
    this.indices = kept.stream().toArray();
    float[] picked = new float[indices.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = matrix.data()[indices[i]];
    }
    this.values = Numbers.stored(picked, valueType);
    this.indexType = indexType;
  }

  private Overlay(int rows, int cols, int[] indices, Numbers values, IndexType indexType) {
    this.rows = rows;
    this.cols = cols;
    this.indices = indices;
    this.values = values;
    this.indexType = indexType;
  }

  static Overlay read(
      int rows, int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    IndexType type = description.choice("index-type", IndexType.class);
    Numbers values = Numbers.read(description, file, prefix + "values");
    int count = values.count();
    int[] indices = new int[count];
    if (type == IndexType.I32) {
      integers(description.bytes(file, prefix + "indices", 4L * count)).get(indices);
    } else {
      IntBuffer starts = integers(description.bytes(file, prefix + "row_starts", 4L * (rows + 1L)));
      ShortBuffer columns =
          ByteBuffer.wrap(description.bytes(file, prefix + "columns", 2L * count))
              .order(ByteOrder.LITTLE_ENDIAN)
              .asShortBuffer();
      for (int row = 0; row < rows; row++) {
        int begin = starts.get(row);
        int end = starts.get(row + 1);
        if (begin < 0 || begin > end || end > count) {
          throw description.wrong("row " + row + " holds entries " + begin + " to " + end);
        }
        for (int i = begin; i < end; i++) {
          int col = Short.toUnsignedInt(columns.get(i));
          indices[i] = col < cols ? row * cols + col : -1;
        }
      }
    }
    for (int i = 0; i < count; i++) {
      if (indices[i] < 0
          || indices[i] >= (long) rows * cols
          || (i > 0 && indices[i] <= indices[i - 1])) {
        throw description.wrong("its entries are not in order within the matrix");
      }
    }
    return new Overlay(rows, cols, indices, values, type);
  }

  private static IntBuffer integers(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
  }

  @Override
  public ObjectNode description() {
    return Artifact.describe("overlay").put("index-type", indexType.name());
  }

  /** The same entries, stored in the same way, of another matrix. */
  public Overlay of(Matrix matrix) {
    BitSet kept = new BitSet();
    for (int index : indices) {
      kept.set(index);
    }
    return new Overlay(matrix, kept, valueType(), indexType);
  }

  /** What the values are stored in. */
  public DType valueType() {
    return values.type();
  }

  /** Number of entries kept. */
  public int count() {
    return indices.length;
  }

  @Override
  public void applyTo(Matrix target) {
    float[] out = target.data();
    for (int i = 0; i < indices.length; i++) {
      out[indices[i]] = values.at(i);
    }
  }

  @Override
  public List<Payload> payload() {
    List<Long> shape = List.of((long) indices.length);
    Payload kept = values.payload("values", shape);
    if (indexType == IndexType.I32) {
      return List.of(new Payload("indices", "I32", shape, littleEndian(indices)), kept);
    }
    int[] starts = new int[rows + 1];
    ByteBuffer columns = ByteBuffer.allocate(2 * indices.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int index : indices) {
      starts[index / cols + 1]++;
      columns.putShort((short) (index % cols));
    }
    for (int row = 0; row < rows; row++) {
      starts[row + 1] += starts[row];
    }
    return List.of(
        new Payload("row_starts", "I32", List.of(rows + 1L), littleEndian(starts)),
        new Payload("columns", "U16", shape, columns.array()),
        kept);
  }

  @Override
  public long bytes() {
    long positions =
        indexType == IndexType.I32 ? 4L * indices.length : 2L * indices.length + 4L * (rows + 1);
    return positions + values.bytes();
  }

  private static byte[] littleEndian(int[] numbers) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int number : numbers) {
      buffer.putInt(number);
    }
    return buffer.array();
  }
}
