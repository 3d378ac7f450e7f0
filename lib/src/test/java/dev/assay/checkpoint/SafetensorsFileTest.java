package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.SharedFiles;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
  @TempDir Path directory;

  private SafetensorsFile written(Map<String, TensorData> tensors, Map<String, String> metadata)
      throws IOException {
    Path path = directory.resolve("t.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      SafetensorsWriter.write(out, tensors, metadata);
    }
    return SafetensorsFile.open(path);
  }

  private static byte[] allPatterns() {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      bytes.putShort((short) bits);
    }
    return bytes.array();
  }

  @Test
  void everyPatternOfTheHalfTypesSurvives() throws IOException {
    byte[] patterns = allPatterns();
    for (DType dtype : List.of(DType.F16, DType.BF16)) {
      ElementType type = ElementType.of(dtype);
      try (SafetensorsFile raw =
          written(Map.of("t", TensorData.of(type, patterns, 256, 256)), Map.of())) {
        float[] values = raw.floats("t");
        for (int i = 0; i < values.length; i++) {
          float expected =
              dtype == DType.F16 ? DType.halfToFloat((short) i) : DType.bfloatToFloat((short) i);
          assertThat(values[i]).isEqualTo(Float.valueOf(expected));
          if (Float.isNaN(values[i])) {
            values[i] = 0;
            patterns[2 * i] = 0;
            patterns[2 * i + 1] = 0;
          }
        }
        assertThat(TensorData.of(dtype, values, 256, 256).bytes()).isEqualTo(patterns);
        assertThat(raw.doubles("t")).hasSize(1 << 16);
      }
      patterns = allPatterns();
    }
  }

  @Test
  void doublesBeyondOneReadSurvive() throws IOException {
    double[] values = new Random(7).doubles((1 << 18) + 3).toArray();
    try (SafetensorsFile file =
        written(Map.of("d", TensorData.of(DType.F64, values, values.length)), Map.of())) {
      assertThat(file.doubles("d")).isEqualTo(values);
    }
  }

  @Test
  void roundTripsEveryTypeAndShape() throws IOException {
    Random random = new Random(5);
    List<ElementType> types = List.of(ElementType.values());
    for (int round = 0; round < 40; round++) {
      Map<String, TensorData> tensors = new LinkedHashMap<>();
      for (int t = random.nextInt(12); t >= 0; t--) {
        ElementType type = types.get(random.nextInt(types.size()));
        long[] shape = new long[random.nextInt(4)];
        // A last dimension that is a multiple of 4 fills whole bytes at 4 and 6 bits.
        long elements = 1;
        for (int d = 0; d < shape.length; d++) {
          shape[d] = random.nextInt(5) * (long) (d == shape.length - 1 ? 4 : 1);
          elements *= shape[d];
        }
        if (shape.length == 0 && type.bits() < 8) {
          continue;
        }
        byte[] bytes = new byte[(int) (elements * type.bits() / 8)];
        random.nextBytes(bytes);
        tensors.put("λ \"" + t + "\"\n.weight", TensorData.of(type, bytes, shape));
      }
      Map<String, String> metadata = round % 2 == 0 ? Map.of() : Map.of("format", "pt");
      try (SafetensorsFile file = written(tensors, metadata)) {
        assertThat(file.metadata()).isEqualTo(metadata);
        assertThat(file.entries()).hasSize(tensors.size());
        for (Map.Entry<String, TensorData> tensor : tensors.entrySet()) {
          assertThat(file.entry(tensor.getKey()).type()).isEqualTo(tensor.getValue().type());
          assertThat(file.entry(tensor.getKey()).shape()).isEqualTo(tensor.getValue().shape());
          assertThat(file.bytes(tensor.getKey())).isEqualTo(tensor.getValue().bytes());
        }
      }
    }
  }

  @Test
  void writesInTheReferenceOrderAndPadsTheHeader() throws IOException {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("z", TensorData.of(DType.F16, new float[] {1}, 1));
    tensors.put("b", TensorData.of(DType.F32, new float[] {1}, 1));
    tensors.put("codes", TensorData.of(ElementType.U8, new byte[] {1}, 1));
    tensors.put("a", TensorData.of(DType.F32, new float[] {1}, 1));
    tensors.put("big", TensorData.of(DType.F64, new double[] {1}, 1));

    byte[] bytes = Bytes.safetensors(tensors);

    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
    try (SafetensorsFile file = SafetensorsFile.open(new MemorySource("mem:/t", bytes))) {
      assertThat(file.entries())
          .extracting(SafetensorsHeader.Entry::name)
          .containsExactly("big", "a", "b", "z", "codes");
    }
    assertThat(Bytes.safetensors(new LinkedHashMap<>(tensors))).isEqualTo(bytes);
  }

  @Test
  void decodesMatricesNumbersAndIntegers() throws IOException {
    Matrix matrix = Matrix.of(2, 3, new float[] {1, -2, 3.5f, Float.NaN, 1e-40f, -0f});
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("m", TensorData.of(DType.F32, matrix));
    tensors.put("d", TensorData.of(DType.F64, new double[] {0.1, -1e300}, 2));
    tensors.put("i8", TensorData.of(ElementType.I8, new byte[] {-1, 2}, 2));
    tensors.put("u8", TensorData.of(ElementType.U8, new byte[] {-1, 2}, 2));
    tensors.put("u16", TensorData.of(ElementType.U16, new byte[] {-1, -1}, 1));
    tensors.put("i16", TensorData.of(ElementType.I16, new byte[] {-2, -1}, 1));
    tensors.put("u32", TensorData.of(ElementType.U32, new byte[] {-1, -1, -1, -1}, 1));
    tensors.put("i32", TensorData.of(ElementType.I32, new byte[] {-3, -1, -1, -1}, 1));
    tensors.put("i64", TensorData.of(ElementType.I64, new byte[] {5, 0, 0, 0, 0, 0, 0, 0}, 1));
    tensors.put("u64", TensorData.of(ElementType.U64, new byte[] {0, 0, 0, 0, 0, 0, 0, -1}, 1));
    try (SafetensorsFile file = written(tensors, Map.of())) {
      assertThat(file.matrix("m")).isEqualTo(matrix);
      assertThat(file.doubles("d")).containsExactly(0.1, -1e300);
      assertThat(file.floats("d")).containsExactly(0.1f, Float.NEGATIVE_INFINITY);
      assertThat(file.longs("i8")).containsExactly(-1, 2);
      assertThat(file.longs("u8")).containsExactly(255, 2);
      assertThat(file.longs("u16")).containsExactly(65535);
      assertThat(file.longs("i16")).containsExactly(-2);
      assertThat(file.longs("u32")).containsExactly(4294967295L);
      assertThat(file.longs("i32")).containsExactly(-3);
      assertThat(file.longs("i64")).containsExactly(5);
      assertThatThrownBy(() -> file.longs("u64"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("18374686479671623680");
      assertThatThrownBy(() -> file.matrix("d"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("tensor d: Has shape [2]");
      assertThatThrownBy(() -> file.floats("i8"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Holds I8");
      assertThatThrownBy(() -> file.longs("m"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Holds F32");
      assertThatThrownBy(() -> file.bytes("none"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Has no tensor none");
    }
  }

  @Test
  void roundsDoublesOnce() {
    // Just above the midpoint of 1 and the next half: rounding to float first would lose the rest.
    double aboveHalf = 1 + 0x1p-11 + 0x1p-40;
    double belowHalf = 1 + 0x1p-10 + 0x1p-11 - 0x1p-40;
    double aboveBfloat = 1 + 0x1p-8 + 0x1p-40;
    double[] values = {aboveHalf, belowHalf, -aboveHalf, 1e300, Double.NaN, 0x1p-25 + 0x1p-60};

    byte[] half = TensorData.of(DType.F16, values, 6).bytes();
    byte[] bfloat = TensorData.of(DType.BF16, new double[] {aboveBfloat, -1e300}, 2).bytes();

    short[] halves = new short[6];
    ByteBuffer.wrap(half).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(halves);
    assertThat(halves).containsExactly(0x3c01, 0x3c01, (short) 0xbc01, 0x7c00, 0x7e00, 0x0001);
    short[] bfloats = new short[2];
    ByteBuffer.wrap(bfloat).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(bfloats);
    assertThat(bfloats).containsExactly(0x3f81, (short) 0xff80);
  }

  @Test
  void refusesToWriteWhatNobodyCouldRead() {
    TensorData one = TensorData.of(DType.F32, new float[] {1}, 1);

    assertThatThrownBy(() -> Bytes.safetensors(Map.of("__metadata__", one)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TensorData.of(DType.F32, new float[] {1}, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2] of F32");
    assertThatThrownBy(() -> TensorData.of(ElementType.F4, new byte[] {1}, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsTheGoldenVectorsOfThisMachine() throws IOException {
    Path weights = SharedFiles.require("goldens/inputs/weights.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      assertThat(file.entries()).hasSize(6);
      assertThat(file.matrix("q.weight").rows()).isEqualTo(384);
      assertThat(file.matrix("q.weight").firstNonFinite()).isEqualTo(-1);
    }
    Path hessian = SharedFiles.require("goldens/inputs/hessian.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(hessian)) {
      double[] h = file.doubles("H_attn");
      assertThat(h).hasSize(384 * 384);
      assertThat(h[1]).isEqualTo(h[384]);
    }
  }
}
