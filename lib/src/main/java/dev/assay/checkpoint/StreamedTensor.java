package dev.assay.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A tensor to be written that nobody holds.
 *
 * @param type type of its elements
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param contents writes its elements, little-endian, outermost dimension first
 */
public record StreamedTensor(ElementType type, List<Long> shape, Contents contents) {
  public StreamedTensor {
    shape = List.copyOf(shape);
  }

  /** Writes a tensor's bytes when its turn comes. */
  public interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  /** A tensor that is held all the same. */
  public static StreamedTensor of(TensorData data) {
    return new StreamedTensor(data.type(), data.shape(), to -> to.write(data.bytes()));
  }

  /** How many bytes shape and type demand. */
  long bytes() {
    return shape.stream().reduce((long) type.bits(), Math::multiplyExact) / 8;
  }
}
