package dev.assay.checkpoint;

import dev.assay.tensor.DType;
import java.io.Serializable;
import java.util.List;

/**
 * Where a 2-D tensor of a checkpoint lies and what it is, known from headers alone.
 *
 * @param name its Hugging Face name, {@code encoder.layer.0.attention.self.query.weight}
 * @param file the file's name within the checkpoint folder
 * @param dtype how it is stored
 * @param rows output features of the effective weight (out)
 * @param cols input features of the effective weight (in)
 * @param position absolute byte position of its first element in the file
 * @param layout whether the bytes are out × in or in × out
 * @param identity hash of the file's header, length, modification stamp and samples of its
 *     contents, and of the stored name and layout: what stands for the weight in ids
 */
public record Tensor(
    String name,
    String file,
    DType dtype,
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

  /** Number of elements. */
  public long size() {
    return (long) rows * cols;
  }

  /** Number of bytes in the file. */
  public long bytes() {
    return size() * dtype.bytes();
  }

  /** Shape as {@code [out, in]}. */
  public List<Integer> shape() {
    return List.of(rows, cols);
  }
}
