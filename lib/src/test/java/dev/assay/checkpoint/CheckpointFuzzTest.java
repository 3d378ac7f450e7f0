package dev.assay.checkpoint;

import dev.assay.InputException;
import dev.assay.tensor.DType;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Valid files with a few seeded mutations: whatever comes out, it is a checkpoint or one error of
 * the kind that a user is shown.
 */
class CheckpointFuzzTest {
  private static final int ROUNDS = 1200;
  private static final List<String> TOKENS =
      List.of(
          "-1",
          "0",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "1e9",
          "null",
          "{",
          "}",
          "[",
          "]",
          "\"",
          ",",
          ":",
          "\\u0000",
          "\\ud800",
          "F64",
          "F4",
          "BOOL",
          "../",
          "__metadata__",
          "shape",
          "dtype",
          "\u00fc");

  private static byte[] mutate(byte[] bytes, int from, int to, Random random) {
    byte[] out = bytes.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int limit = Math.max(from + 1, Math.min(to, out.length));
      int at = Math.min(out.length - 1, from + random.nextInt(limit - from));
      switch (random.nextInt(6)) {
        case 0 -> out[at] = (byte) random.nextInt(256);
        case 1 -> out[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> out = Arrays.copyOf(out, Math.max(1, at));
        case 3 -> out = splice(out, at, at, TOKENS.get(random.nextInt(TOKENS.size())));
        case 4 -> {
          int end = Math.min(out.length, at + random.nextInt(12));
          out = splice(out, at, end, "");
        }
        default -> {
          int end = Math.min(out.length, at + random.nextInt(40));
          String copy = new String(Arrays.copyOfRange(out, at, end), StandardCharsets.ISO_8859_1);
          out = splice(out, at, at, copy);
        }
      }
      if (out.length == 0) {
        out = new byte[1];
      }
    }
    return out;
  }

  private static byte[] splice(byte[] bytes, int from, int to, String text) {
    byte[] insert = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] out = new byte[bytes.length - (to - from) + insert.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(insert, 0, out, from, insert.length);
    System.arraycopy(bytes, to, out, from + insert.length, bytes.length - to);
    return out;
  }

  /** Opens and reads everything; returns whether it could. */
  private static boolean survives(MemoryFolder folder, int round) {
    try {
      for (Tensor tensor : Checkpoint.open(folder).matrices()) {
        Checkpoint.read(folder, tensor);
        Place.of(tensor.name());
        Place.isBlockLinear(tensor.name());
      }
      return true;
    } catch (InputException | EOFException e) {
      return false;
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError("Round " + round + " let " + e + " out", e);
    }
  }

  private static void checkMix(int good) {
    // Both outcomes must occur, or the mutations reach nothing.
    if (good == 0 || good == ROUNDS) {
      throw new AssertionError(good + " of " + ROUNDS + " mutants were readable");
    }
  }

  private static byte[] checkpoint() {
    return Bytes.safetensors(
        Map.of(
            "encoder.layer.0.output.dense.weight", TensorData.of(DType.F32, new float[6], 2, 3),
            "encoder.layer.0.output.dense.bias", TensorData.of(DType.F16, new float[2], 2),
            "scalar", TensorData.of(DType.F64, new double[1])),
        Map.of("format", "pt"));
  }

  @Test
  void safetensorsHeaders() {
    byte[] file = checkpoint();
    Random random = new Random(101);
    int good = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] mutant = mutate(file, round % 4 == 0 ? 0 : 8, file.length - 36, random);
      if (round % 2 == 0 && mutant.length >= 8) {
        // Keep the length true, so that mutations reach the JSON and the layout.
        int header = Math.max(0, mutant.length - 8 - 36);
        ByteBuffer.wrap(mutant).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header);
      }
      good += survives(new MemoryFolder().with("model.safetensors", mutant), round) ? 1 : 0;
    }
    checkMix(good);
  }

  @Test
  void shardIndexes() {
    String index =
        """
        {"metadata":{"total_size":36},"weight_map":{
        "encoder.layer.0.output.dense.weight":"m-1.safetensors",
        "encoder.layer.0.output.dense.bias":"m-1.safetensors",
        "scalar":"m-1.safetensors"}}""";
    Random random = new Random(102);
    int good = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] text = index.getBytes(StandardCharsets.UTF_8);
      byte[] mutant = mutate(text, 0, text.length, random);
      MemoryFolder folder =
          new MemoryFolder()
              .with("m-1.safetensors", checkpoint())
              .with("model.safetensors.index.json", mutant);
      good += survives(folder, round) ? 1 : 0;
    }
    checkMix(good);
  }

  @Test
  void onnxModels() {
    byte[] model =
        Onnx.model(
            Onnx.node("MatMul", "/encoder/layer.0/output/dense/MatMul", "y", "x", "onnx::M_1"),
            Onnx.node("Identity", "/Identity", "w2", "w"),
            Onnx.gemm("/classifier/Gemm", 1, "y", "w2", "b"),
            Onnx.initializer("onnx::M_1", Onnx.FLOAT, new byte[24], 2, 3),
            Onnx.floatData("w", new float[] {1, 2, 3, 4}, List.of(2L, 2L)),
            Onnx.initializer("b", Onnx.FLOAT16, new byte[4], 2));
    Random random = new Random(103);
    int good = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] mutant = mutate(model, 0, model.length, random);
      good += survives(new MemoryFolder().with("model.onnx", mutant), round) ? 1 : 0;
    }
    checkMix(good);
  }
}
