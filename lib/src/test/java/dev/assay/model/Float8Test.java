package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.tensor.DType;
import dev.assay.tensor.Float8;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** The reference is libtorch's own 8-bit types. */
class Float8Test {
  private static final Map<Float8, ScalarType> TYPES =
      Map.of(
          Float8.E4M3, ScalarType.Float8_e4m3fn,
          Float8.E5M2, ScalarType.Float8_e5m2,
          Float8.E4M3FNUZ, ScalarType.Float8_e4m3fnuz,
          Float8.E5M2FNUZ, ScalarType.Float8_e5m2fnuz);

  @Test
  void everyByteIsWhatLibtorchReads() {
    TorchRuntime.load();
    for (Float8 type : Float8.values()) {
      float[] expected = torch(TYPES.get(type));
      for (int bits = 0; bits < 256; bits++) {
        float value = type.value((byte) bits);
        assertThat(Float.floatToIntBits(value))
            .as("%s %02x: %s, %s", type, bits, value, expected[bits])
            .isEqualTo(Float.floatToIntBits(expected[bits]));
        assertThat(Float.compare(DType.F16.round(value), value)).isZero();
      }
    }
  }

  private static float[] torch(ScalarType type) {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    float[] values = new float[bytes.length];
    try (PointerScope scope = new PointerScope()) {
      Tensor stored = Tensor.create(bytes).view(type);
      stored.to(ScalarType.Float).contiguous().data_ptr_float().get(values);
    }
    return values;
  }
}
