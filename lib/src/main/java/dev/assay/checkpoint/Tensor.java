package dev.assay.checkpoint;

import dev.assay.tensor.DType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Where a 2-D tensor of a checkpoint lies and what it is, known from headers alone.
 *
 * @param name its Hugging Face name, {@code encoder.layer.0.attention.self.query.weight}
 * @param file the file's name within the checkpoint folder
 * @param encoding how its numbers are stored
 * @param rows output features of the effective weight (out)
 * @param cols input features of the effective weight (in)
 * @param position absolute byte position of its first element in the file
 * @param layout whether the bytes are out × in or in × out
 * @param identity hash of its contents, name, encoding, shape and layout: what stands for the
 *     weight in ids. As long as nobody has read the contents it stands for the rest alone, and is
 *     the identity of no weight
 */
public record Tensor(
    String name,
    String file,
    Encoding encoding,
    int rows,
    int cols,
    long position,
    Layout layout,
    String identity)
    implements Serializable {

  /** The order in which a matrix lies in its file. */
  public enum Layout {
    /** Row-major out × in, as PyTorch and safetensors store a linear. */
    OUT_IN,
    /** Row-major in × out, as an exported ONNX MatMul holds it. */
    IN_OUT
  }

  /** A tensor that is stored as plain numbers of {@code dtype}. */
  public Tensor(
      String name,
      String file,
      DType dtype,
      int rows,
      int cols,
      long position,
      Layout layout,
      String identity) {
    this(name, file, Encoding.plain(ElementType.of(dtype)), rows, cols, position, layout, identity);
  }

  /** A tensor whose contents nobody has read. */
  static Tensor unread(
      String name,
      String file,
      Encoding encoding,
      int rows,
      int cols,
      long position,
      Layout layout) {
    Tensor tensor = new Tensor(name, file, encoding, rows, cols, position, layout, "");
    return tensor.identified(extent -> "unread");
  }

  /**
   * This tensor with the identity that its contents give it.
   *
   * @param digests {@link Extent#sha256} of each of its {@link #extents}
   */
  Tensor identified(Function<Extent, String> digests) {
    List<String> parts = new ArrayList<>(List.of("tensor 2", name, layout.name()));
    parts.add(rows + " x " + cols);
    parts.add(encoding.type().name());
    if (encoding.scales().present()) {
      Scales scales = encoding.scales();
      parts.add(scales.type() + " of " + scales.blockRows() + " x " + scales.blockCols());
    }
    extents().forEach(extent -> parts.add(digests.apply(extent)));
    return new Tensor(name, file, encoding, rows, cols, position, layout, Digests.of(parts));
  }

  /** The bytes that decide its numbers: its own, and those of its scales. */
  List<Extent> extents() {
    Extent own = new Extent(file, position, size() * encoding.type().bits() / 8);
    return encoding.scales().present() ? List.of(own, encoding.scales().extent()) : List.of(own);
  }

  /** The type that a recipe keeps single numbers of it in, exactly. */
  public DType dtype() {
    return encoding.heldIn();
  }

  /** The same bytes read the other way round: the transpose of the effective weight. */
  public Tensor transposed() {
    Layout other = layout == Layout.OUT_IN ? Layout.IN_OUT : Layout.OUT_IN;
    return new Tensor(name, file, encoding, cols, rows, position, other, identity);
  }

  /** Number of elements. */
  public long size() {
    return (long) rows * cols;
  }

  /** Number of bytes in the checkpoint, scales included. */
  public long bytes() {
    return extents().stream().mapToLong(Extent::bytes).sum();
  }

  /** Shape as {@code [out, in]}. */
  public List<Integer> shape() {
    return List.of(rows, cols);
  }
}
