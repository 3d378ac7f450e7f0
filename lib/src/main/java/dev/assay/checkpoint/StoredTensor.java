package dev.assay.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A tensor of any type and rank as Hugging Face's libraries hold it, and where its bytes lie.
 *
 * @param name its Hugging Face name
 * @param file the file's name within the checkpoint folder
 * @param type type of its elements
 * @param shape its dimensions in a Hugging Face file, outermost first
 * @param position absolute byte position of its first element in the file
 * @param order how the bytes lie there
 */
public record StoredTensor(
    String name, String file, ElementType type, List<Long> shape, long position, Order order) {
  private static final int CHUNK = 1 << 20;

  public StoredTensor {
    shape = List.copyOf(shape);
  }

  /** How a tensor's bytes lie in its file. */
  public enum Order {
    /** As a Hugging Face file has them. */
    AS_SHAPED,
    /** A matrix the other way round: the in × out weight of a linear in an ONNX file. */
    TRANSPOSED
  }

  static StoredTensor of(String file, SafetensorsHeader.Entry entry) {
    return new StoredTensor(
        entry.name(), file, entry.type(), entry.shape(), entry.begin(), Order.AS_SHAPED);
  }

  /**
   * A tensor of an ONNX file.
   *
   * @param rank 1 for a vector, which {@code tensor} holds as one row
   */
  static StoredTensor of(Tensor tensor, int rank) {
    List<Long> shape = List.of((long) tensor.rows(), (long) tensor.cols());
    return new StoredTensor(
        tensor.name(),
        tensor.file(),
        tensor.encoding().type(),
        shape.subList(2 - rank, 2),
        tensor.position(),
        tensor.layout() == Tensor.Layout.IN_OUT ? Order.TRANSPOSED : Order.AS_SHAPED);
  }

  /** Number of bytes, here and there. */
  public long bytes() {
    return shape.stream().reduce((long) type.bits(), Math::multiplyExact) / 8;
  }

  /**
   * Writes the tensor as a Hugging Face file has it, every element's bytes as they are. Memory: 1
   * MiB, or the tensor itself where it has to be transposed (an ONNX file has at most 2 GiB).
   */
  public void writeTo(OutputStream out, Folder folder) throws IOException {
    try (ByteSource source = folder.open(file)) {
      if (order == Order.TRANSPOSED) {
        transpose(source, out);
        return;
      }
      byte[] chunk = new byte[(int) Math.min(CHUNK, bytes())];
      for (long done = 0; done < bytes(); done += chunk.length) {
        int count = (int) Math.min(chunk.length, bytes() - done);
        source.readFully(position + done, chunk, 0, count);
        out.write(chunk, 0, count);
      }
    }
  }

  private void transpose(ByteSource source, OutputStream out) throws IOException {
    byte[] turned = new byte[Math.toIntExact(bytes())];
    source.readFully(position, turned, 0, turned.length);
    int rows = Math.toIntExact(shape.get(0));
    int cols = Math.toIntExact(shape.get(1));
    int size = type.bits() / 8;
    byte[] row = new byte[cols * size];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        System.arraycopy(turned, (j * rows + i) * size, row, j * size, size);
      }
      out.write(row);
    }
  }
}
