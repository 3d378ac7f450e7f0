package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The input channels in another order: channel j of the new basis is channel {@code order[j]} of
 * the old one. Stored as one 32-bit number per channel.
 */
public final class Permutation implements BasisChange {
  private static final long serialVersionUID = 1L;

  private final int[] order;

  private Permutation(int[] order) {
    this.order = order;
  }

  /**
   * A permutation of 0, 1, …, in − 1.
   *
   * @throws IllegalArgumentException if {@code order} is none
   */
  public static Permutation of(int... order) {
    boolean[] seen = new boolean[order.length];
    for (int index : order) {
      if (index < 0 || index >= order.length || seen[index]) {
        throw new IllegalArgumentException("No permutation of " + order.length + ": " + index);
      }
      seen[index] = true;
    }
    return new Permutation(order.clone());
  }

  static Permutation read(int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    byte[] bytes = description.bytes(file, prefix + "order", 4L * cols);
    int[] order = new int[cols];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(order);
    try {
      return of(order);
    } catch (IllegalArgumentException e) {
      throw description.wrong(e.getMessage());
    }
  }

  @Override
  public Matrix into(Matrix weight) {
    Matrix permuted = Matrix.zeros(weight.rows(), weight.cols());
    for (int i = 0, at = 0; i < weight.rows(); i++) {
      for (int j = 0; j < order.length; j++, at++) {
        permuted.data()[at] = weight.at(i, order[j]);
      }
    }
    return permuted;
  }

  @Override
  public Matrix back(Matrix weight) {
    Matrix restored = Matrix.zeros(weight.rows(), weight.cols());
    for (int i = 0, at = 0; i < weight.rows(); i++) {
      for (int j = 0; j < order.length; j++, at++) {
        restored.data()[i * order.length + order[j]] = weight.data()[at];
      }
    }
    return restored;
  }

  @Override
  public Symmetric carry(Symmetric hessian) {
    return hessian.permuted(order);
  }

  @Override
  public Matrix inputs(Matrix rows) {
    return into(rows);
  }

  @Override
  public Optional<double[]> carryAbsolute(double[] channels) {
    return Optional.of(Arrays.stream(order).mapToDouble(index -> channels[index]).toArray());
  }

  @Override
  public List<Payload> payload() {
    ByteBuffer buffer = ByteBuffer.allocate(4 * order.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int index : order) {
      buffer.putInt(index);
    }
    return List.of(new Payload("order", "I32", List.of((long) order.length), buffer.array()));
  }

  @Override
  public ObjectNode description() {
    return Artifact.describe("permutation");
  }

  @Override
  public long bytes() {
    return 4L * order.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Permutation that && Arrays.equals(order, that.order);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(order);
  }
}
