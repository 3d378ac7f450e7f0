package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.tensor.DType;
import dev.assay.tensor.Float8;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights of 8-bit floats, with the scales that DeepSeek, Transformers and others keep. */
class ScalesTest {
  private static final String WEIGHT = "model.layers.0.mlp.up_proj.weight";
  private static final int ROWS = 300;
  private static final int COLS = 200;

  /** Finite bytes only: the weights of no model are NaN. */
  private static byte[] codes(long seed) {
    byte[] codes = new byte[ROWS * COLS];
    new Random(seed).nextBytes(codes);
    for (int i = 0; i < codes.length; i++) {
      codes[i] &= (byte) 0xf7;
    }
    return codes;
  }

  private static Folder folder(ElementType type, byte[] codes, String suffix, TensorData scales) {
    return folder(type, codes, Map.of(WEIGHT + suffix, scales));
  }

  private static MemoryFolder folder(ElementType type, byte[] codes, Map<String, TensorData> more) {
    Map<String, TensorData> tensors = new TreeMap<>(more);
    tensors.put(WEIGHT, TensorData.of(type, codes, ROWS, COLS));
    return new MemoryFolder().with("model.safetensors", Bytes.safetensors(tensors));
  }

  private static float[] random(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 0.001f + random.nextFloat();
    }
    return values;
  }

  @ParameterizedTest(name = "{0} {1} of {2} x {3}")
  @CsvSource({
    "_scale,     1,   1,  300, 200, 0",
    "_scale,     1,   1,  300, 200, 1",
    "_scale,     1,   1,  300, 200, 2",
    "_scale,     300, 1,  1,   200, 1",
    "_scale,     300, 1,  1,   200, 2",
    "_scale_inv, 3,   2,  128, 128, 2"
  })
  void everyElementIsMultipliedByItsScale(
      String suffix, int down, int across, int blockRows, int blockCols, int rank)
      throws IOException {
    long[] shape = Arrays.copyOf(new long[] {down, across}, rank);
    float[] scales = random(down * across);
    byte[] codes = codes(7);
    Folder folder =
        folder(ElementType.F8_E4M3, codes, suffix, TensorData.of(DType.F32, scales, shape));

    Checkpoint checkpoint = Checkpoint.open(folder);
    Tensor tensor = checkpoint.matrix(WEIGHT);
    Matrix weight = Checkpoint.read(folder, tensor);

    assertThat(checkpoint.matrices()).hasSize(1);
    assertThat(checkpoint.vectors()).isEmpty();
    assertThat(checkpoint.inventory().leftOut()).isEmpty();
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLS; j++) {
        double code = Float8.E4M3.value(codes[i * COLS + j]);
        double scale = scales[i / blockRows * across + j / blockCols];
        assertThat(weight.at(i, j)).isEqualTo((float) (code * scale));
      }
    }
    assertThat(tensor.dtype()).isEqualTo(DType.F32);
    assertThat(tensor.bytes()).isEqualTo(ROWS * COLS + 4L * down * across);
    Matrix some = Checkpoint.readRows(folder, tensor, 120, 30);
    assertThat(some.data()).isEqualTo(Arrays.copyOfRange(weight.data(), 120 * COLS, 150 * COLS));
    assertThat(Checkpoint.read(folder, tensor.transposed())).isEqualTo(weight.transpose());
  }

  @Test
  void theConfigurationSaysHowLargeBlocksAre() throws IOException {
    float[] scales = random(6 * 2);
    byte[] codes = codes(8);
    Map<String, TensorData> more =
        Map.of(WEIGHT + "_scale_inv", TensorData.of(DType.BF16, scales, 6, 2));
    for (String config :
        List.of(
            "{\"quantization_config\": {\"weight_block_size\": [50, 128]}}",
            "{\"quantization_config\": {\"config_groups\": {\"group_0\": {\"weights\":"
                + " {\"block_structure\": [50, 128]}}}}}")) {
      Folder folder = folder(ElementType.F8_E5M2, codes, more).with("config.json", config);
      Matrix weight = Checkpoint.read(folder, Checkpoint.open(folder).matrix(WEIGHT));
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLS; j++) {
          float scale = DType.BF16.round(scales[i / 50 * 2 + j / 128]);
          assertThat(weight.at(i, j)).isEqualTo(Float8.E5M2.value(codes[i * COLS + j]) * scale);
        }
      }
    }
    Folder unsaid = folder(ElementType.F8_E5M2, codes, more);
    assertThat(Checkpoint.open(unsaid).matrices()).isEmpty();
    assertThat(Checkpoint.open(unsaid).inventory().leftOut())
        .singleElement()
        .hasToString(
            WEIGHT
                + " [300, 200], F8_E4M3: its scales, ".replace("E4M3", "E5M2")
                + WEIGHT
                + "_scale_inv [6, 2], are not one for the tensor, each row, or each block of"
                + " 128 x 128");
  }

  @Test
  void scalesOfPowersOfTwoAndWithoutScales() throws IOException {
    byte[] codes = codes(9);
    byte[] exponents = {(byte) 120, (byte) 127, (byte) 130, 126, 125, 124};
    Folder scaled =
        folder(
            ElementType.F8_E4M3,
            codes,
            "_scale_inv",
            TensorData.of(ElementType.F8_E8M0, exponents, 3, 2));
    Matrix weight = Checkpoint.read(scaled, Checkpoint.open(scaled).matrix(WEIGHT));
    assertThat(weight.at(299, 0)).isEqualTo(Float8.E4M3.value(codes[299 * COLS]) / 4);

    Folder plain = folder(ElementType.F8_E4M3, codes, Map.of());
    Tensor tensor = Checkpoint.open(plain).matrix(WEIGHT);
    assertThat(tensor.dtype()).isEqualTo(DType.F16);
    assertThat(Checkpoint.read(plain, tensor).at(5, 6))
        .isEqualTo(Float8.E4M3.value(codes[5 * COLS + 6]));
  }

  @Test
  void scalesAreInTheIdentity() throws IOException {
    byte[] codes = codes(10);
    TensorData one = TensorData.of(DType.F32, new float[] {1}, 1);
    TensorData two = TensorData.of(DType.F32, new float[] {2}, 1);
    assertThat(identity(folder(ElementType.F8_E4M3, codes, "_scale", one)))
        .isNotEqualTo(identity(folder(ElementType.F8_E4M3, codes, "_scale", two)))
        .isNotEqualTo(identity(folder(ElementType.F8_E4M3, codes, Map.of())));
  }

  private static String identity(Folder folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    Map<Extent, String> digests = new TreeMap<>();
    for (Extent extent : checkpoint.extents()) {
      digests.put(extent, extent.sha256(folder));
    }
    return checkpoint.identified(digests).matrix(WEIGHT).identity();
  }

  @Test
  void whatIsNotReadIsNamed() throws IOException {
    byte[] codes = codes(11);
    Map<String, TensorData> more =
        Map.of(
            "a.weight", TensorData.of(ElementType.I8, new byte[6], 2, 3),
            "b.weight", TensorData.of(ElementType.I8, new byte[6], 3, 2),
            "c.weight", TensorData.of(ElementType.I8, new byte[6], 3, 2),
            "conv", TensorData.of(DType.F32, new float[8], 2, 2, 2),
            "f64.weight", TensorData.of(DType.F64, new double[] {0.1, 2}, 1, 2));
    Folder folder = folder(ElementType.F8_E4M3, codes, more);
    Checkpoint checkpoint = Checkpoint.open(folder);

    assertThat(checkpoint.matrices())
        .extracting(Tensor::name)
        .containsExactly("f64.weight", WEIGHT);
    assertThat(Checkpoint.read(folder, checkpoint.matrix("f64.weight")).at(0, 0)).isEqualTo(0.1f);
    assertThat(LeftOut.lines(checkpoint.inventory().leftOut()))
        .containsExactlyInAnyOrder(
            "a.weight [2, 3], b.weight [3, 2] and 1 more, I8: not a type of real numbers that is"
                + " read",
            "conv [2, 2, 2], F32: has 3 dimensions, not 1 or 2");
  }
}
