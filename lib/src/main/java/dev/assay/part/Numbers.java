package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Real numbers that have been rounded to the type they are stored in. */
final class Numbers implements Reals {
  private static final long serialVersionUID = 1L;

  private final DType dtype;
  private final float[] values;

  private Numbers(DType dtype, float[] values) {
    this.dtype = dtype;
    this.values = values;
  }

  /** Rounds {@code values} to {@code dtype}; the array is copied. */
  static Numbers stored(float[] values, DType dtype) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = dtype.round(values[i]);
    }
    return new Numbers(dtype, rounded);
  }

  /** Reads what {@link #payload} wrote. */
  static Numbers read(Description description, SafetensorsFile file, String name)
      throws IOException {
    ElementType type = file.entry(name).type();
    DType dtype =
        type.dtype().orElseThrow(() -> description.wrong(name + " has elements of " + type));
    return new Numbers(dtype, file.floats(name));
  }

  /** These, if there are {@code count}. */
  Numbers counted(long count, Description description) {
    if (values.length != count) {
      throw description.wrong(values.length + " numbers where " + count + " should be");
    }
    return this;
  }

  @Override
  public float at(int index) {
    return values[index];
  }

  DType type() {
    return dtype;
  }

  float[] values() {
    return values;
  }

  @Override
  public int count() {
    return values.length;
  }

  @Override
  public long bytes() {
    return (long) values.length * dtype.bytes();
  }

  @Override
  public List<Payload> payload(String name) {
    return List.of(payload(name, List.of((long) values.length)));
  }

  @Override
  public void describe(ObjectNode description, String name) {
    // The tensor's own type says everything.
  }

  Payload payload(String name, List<Long> shape) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.toIntExact(bytes())).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (dtype) {
        case F64 -> buffer.putDouble(value);
        case F32 -> buffer.putFloat(value);
        case F16 -> buffer.putShort(DType.floatToHalf(value));
        case BF16 -> buffer.putShort(DType.floatToBfloat(value));
      }
    }
    return new Payload(name, dtype.name(), shape, buffer.array());
  }
}
