package dev.assay.checkpoint;

import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor to be written: its type, its shape, and its bytes as they will lie in the file.
 *
 * @param type type of its elements
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param bytes the elements, little-endian, outermost dimension first; shared, not copied
 */
public record TensorData(ElementType type, List<Long> shape, byte[] bytes) {

  /**
   * @throws IllegalArgumentException if {@code bytes} is not as long as shape and type demand
   */
  public TensorData {
    shape = List.copyOf(shape);
    long bits = type.bits();
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("Shape " + shape + " has a negative dimension");
      }
      bits = Math.multiplyExact(bits, size);
    }
    if (bits != 8L * bytes.length) {
      throw new IllegalArgumentException(
          "Shape " + shape + " of " + type + " does not take " + bytes.length + " bytes");
    }
  }

  /** Bytes of any type, {@code U8} codes or packed masks among them. */
  public static TensorData of(ElementType type, byte[] bytes, long... shape) {
    return new TensorData(type, boxed(shape), bytes);
  }

  /** Numbers stored as {@code dtype}, each rounded once to nearest, ties to even. */
  public static TensorData of(DType dtype, float[] values, long... shape) {
    return new TensorData(ElementType.of(dtype), boxed(shape), Elements.encode(dtype, values));
  }

  /** Numbers stored as {@code dtype}, each rounded once to nearest, ties to even. */
  public static TensorData of(DType dtype, double[] values, long... shape) {
    return new TensorData(ElementType.of(dtype), boxed(shape), Elements.encode(dtype, values));
  }

  /** A matrix (out × in) stored as {@code dtype}. */
  public static TensorData of(DType dtype, Matrix matrix) {
    return of(dtype, matrix.data(), matrix.rows(), matrix.cols());
  }

  private static List<Long> boxed(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }
}
