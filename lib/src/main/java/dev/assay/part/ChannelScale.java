package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A factor per input channel: T = diag(s), so W′ = W·diag(s) and x′ = x/s. Stored as one number per
 * channel, though a deployment may fold it into what comes before the linear.
 */
public final class ChannelScale implements BasisChange {
  private static final long serialVersionUID = 1L;

  private final Numbers scales;

  private ChannelScale(Numbers scales) {
    this.scales = scales;
  }

  /**
   * Scales channels by {@code scales}, rounded to {@code type} first.
   *
   * @throws IllegalArgumentException if one of them is then not above 0 and finite
   */
  public static ChannelScale of(float[] scales, DType type) {
    Numbers stored = Numbers.stored(scales, type);
    for (float scale : stored.values()) {
      if (!isScale(scale)) {
        throw new IllegalArgumentException("No scale of a channel: " + scale);
      }
    }
    return new ChannelScale(stored);
  }

  static ChannelScale read(int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    Numbers scales = Numbers.read(description, file, prefix + "channels");
    for (float scale : scales.counted(cols, description).values()) {
      if (!isScale(scale)) {
        throw description.wrong(scale + " is no scale of a channel");
      }
    }
    return new ChannelScale(scales);
  }

  private static boolean isScale(float scale) {
    return scale > 0 && scale < Float.POSITIVE_INFINITY;
  }

  /** s, a copy. */
  public float[] scales() {
    return scales.values().clone();
  }

  @Override
  public Matrix into(Matrix weight) {
    Matrix scaled = Matrix.zeros(weight.rows(), width(weight));
    for (int i = 0; i < scaled.size(); i++) {
      scaled.data()[i] = weight.data()[i] * scales.at(i % scales.count());
    }
    return scaled;
  }

  @Override
  public Matrix back(Matrix weight) {
    Matrix divided = Matrix.zeros(weight.rows(), width(weight));
    for (int i = 0; i < divided.size(); i++) {
      divided.data()[i] = weight.data()[i] / scales.at(i % scales.count());
    }
    return divided;
  }

  private int width(Matrix matrix) {
    if (matrix.cols() != scales.count()) {
      throw new IllegalArgumentException(
          matrix + " does not have " + scales.count() + " columns, one for every scale");
    }
    return matrix.cols();
  }

  @Override
  public Symmetric carry(Symmetric hessian) {
    double[] inverse = new double[scales.count()];
    for (int j = 0; j < inverse.length; j++) {
      inverse[j] = 1.0 / scales.at(j);
    }
    return hessian.scaled(inverse);
  }

  @Override
  public Matrix inputs(Matrix rows) {
    return back(rows);
  }

  @Override
  public Optional<double[]> carryAbsolute(double[] channels) {
    double[] divided = new double[channels.length];
    for (int j = 0; j < divided.length; j++) {
      divided[j] = channels[j] / scales.at(j);
    }
    return Optional.of(divided);
  }

  @Override
  public List<Payload> payload() {
    return List.of(scales.payload("channels", List.of((long) scales.count())));
  }

  @Override
  public ObjectNode description() {
    return Artifact.describe("channel-scale");
  }

  @Override
  public long bytes() {
    return scales.bytes();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelScale that
        && bytes() == that.bytes()
        && Arrays.equals(scales.values(), that.scales.values());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(scales.values());
  }
}
