package dev.assay.checkpoint;

import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * The numbers by which the elements of an 8-bit tensor are multiplied: one for the tensor, for each
 * of its rows, or for each of its blocks, as FP8 checkpoints keep them in a tensor of their own.
 * The scale of element (i, j), as the weight is stored, is that at {@code (i / blockRows, j /
 * blockCols)}.
 *
 * @param name the tensor's name; empty where there are no scales
 * @param file the file's name within the checkpoint folder
 * @param type how a scale is stored
 * @param position absolute byte position of the first one in the file
 * @param rows how many blocks lie above each other
 * @param cols how many lie beside each other
 * @param blockRows rows of the weight in a block
 * @param blockCols columns of the weight in a block
 */
public record Scales(
    String name,
    String file,
    ElementType type,
    long position,
    int rows,
    int cols,
    int blockRows,
    int blockCols)
    implements Serializable {
  /** None: elements count as they are stored. */
  public static final Scales NONE = new Scales("", "", ElementType.F32, 0, 0, 0, 1, 1);

  /** Whether there are any. */
  public boolean present() {
    return rows > 0;
  }

  /** Number of bytes in the file. */
  public long bytes() {
    return (long) rows * cols * type.bits() / 8;
  }

  /** Where they lie. */
  Extent extent() {
    return new Extent(file, position, bytes());
  }

  /**
   * The scales that a tensor holds for a weight, if it can be told how it is cut into blocks.
   *
   * @param weight the weight's shape as it is stored
   * @param entry the tensor that may hold them
   * @param block rows and columns of a block where there are blocks
   */
  static Optional<Scales> of(
      List<Long> weight, String file, SafetensorsHeader.Entry entry, Block block) {
    List<Long> shape = entry.shape();
    long rows = weight.get(0);
    long cols = weight.get(1);
    if (entry.elements() == 1) {
      return Optional.of(of(file, entry, 1, 1, new Block(rows, cols)));
    }
    boolean perRow = shape.get(0) == rows && (shape.size() == 1 || shape.get(1) == 1);
    if (perRow && shape.size() <= 2) {
      return Optional.of(of(file, entry, rows, 1, new Block(1, cols)));
    }
    long down = (rows + block.rows() - 1) / block.rows();
    long across = (cols + block.cols() - 1) / block.cols();
    return shape.equals(List.of(down, across))
        ? Optional.of(of(file, entry, down, across, block))
        : Optional.empty();
  }

  private static Scales of(
      String file, SafetensorsHeader.Entry entry, long down, long across, Block block) {
    return new Scales(
        entry.name(),
        file,
        entry.type(),
        entry.begin(),
        (int) down,
        (int) across,
        (int) Math.min(Integer.MAX_VALUE, block.rows()),
        (int) Math.min(Integer.MAX_VALUE, block.cols()));
  }

  /** Rows and columns of a block. */
  record Block(long rows, long cols) {}

  /** All of them, rows × cols. */
  private float[] read(Folder folder) throws IOException {
    float[] scales = new float[Math.multiplyExact(rows, cols)];
    try (ByteSource source = folder.open(file)) {
      new WeightReader(source, name, type, position).contiguous(0, scales, 0, scales.length);
    }
    return scales;
  }

  /**
   * Multiplies rows {@code [first, …)} of the weight by their scales, in place; every product is
   * rounded once, to nearest, in single precision.
   */
  void multiply(Folder folder, Matrix weight, int first, Tensor.Layout layout) throws IOException {
    float[] scales = read(folder);
    float[] data = weight.data();
    boolean turned = layout == Tensor.Layout.IN_OUT;
    for (int r = 0; r < weight.rows(); r++) {
      for (int c = 0; c < weight.cols(); c++) {
        int i = turned ? c : first + r;
        int j = turned ? first + r : c;
        data[r * weight.cols() + c] *= scales[i / blockRows * cols + j / blockCols];
      }
    }
  }
}
