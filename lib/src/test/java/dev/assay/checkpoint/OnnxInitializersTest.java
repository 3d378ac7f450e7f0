package dev.assay.checkpoint;

import static dev.assay.checkpoint.Onnx.FLOAT;
import static dev.assay.checkpoint.Onnx.initializer;
import static dev.assay.checkpoint.Onnx.model;
import static dev.assay.checkpoint.Onnx.node;
import static dev.assay.checkpoint.Onnx.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.checkpoint.Tensor.Layout;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxInitializersTest {
  private static final float[] SIX = {1, 2, 3, 4, 5, 6};

  private static byte[] f32(float... values) {
    return Elements.encode(DType.F32, values);
  }

  private static List<Tensor> read(byte[] model) throws IOException {
    OnnxInitializers found =
        OnnxInitializers.read(new MemorySource("mem:/m.onnx", model), "m.onnx");
    return found.tensors().stream().filter(t -> !found.vectors().contains(t.name())).toList();
  }

  private static Tensor only(byte[] model) throws IOException {
    assertThat(read(model)).hasSize(1);
    return read(model).get(0);
  }

  private static Matrix weights(byte[] model) throws IOException {
    return WeightReader.rows(
        new MemorySource("mem:/m.onnx", model), only(model), 0, only(model).rows());
  }

  @Test
  void anAnonymousRightFactorTakesTheNodesNameAndIsTransposed() throws IOException {
    byte[] model =
        model(
            node("MatMul", "/encoder/layer.0/attention/self/query/MatMul", "y", "x", "onnx::M_1"),
            initializer("onnx::M_1", FLOAT, f32(SIX), 2, 3));

    Tensor tensor = only(model);

    assertThat(tensor.name()).isEqualTo("encoder.layer.0.attention.self.query.weight");
    assertThat(tensor.layout()).isEqualTo(Layout.IN_OUT);
    assertThat(tensor.shape()).containsExactly(3, 2);
    assertThat(weights(model)).isEqualTo(Matrix.of(3, 2, new float[] {1, 4, 2, 5, 3, 6}));
  }

  @Test
  void aNamedInitializerKeepsItsName() throws IOException {
    byte[] embedding =
        model(
            initializer("embeddings.word_embeddings.weight", FLOAT, f32(SIX), 2, 3),
            node("Gather", "/embeddings/Gather", "y", "embeddings.word_embeddings.weight", "ids"));
    assertThat(only(embedding).name()).isEqualTo("embeddings.word_embeddings.weight");
    assertThat(weights(embedding)).isEqualTo(Matrix.of(2, 3, SIX));

    byte[] linear =
        model(
            initializer("a.b.weight", FLOAT, f32(SIX), 2, 3),
            node("MatMul", "/other/MatMul", "y", "x", "a.b.weight"));
    assertThat(only(linear).name()).isEqualTo("a.b.weight");
    assertThat(only(linear).layout()).isEqualTo(Layout.IN_OUT);
  }

  @Test
  void gemmTransposesByItsAttribute() throws IOException {
    byte[] transposed =
        model(Onnx.gemm("/fc/Gemm", 1, "x", "w", "b"), initializer("w", FLOAT, f32(SIX), 2, 3));
    assertThat(only(transposed).name()).isEqualTo("fc.weight");
    assertThat(weights(transposed)).isEqualTo(Matrix.of(2, 3, SIX));

    byte[] plain =
        model(Onnx.gemm("/fc/Gemm", 0, "x", "w", "b"), initializer("w", FLOAT, f32(SIX), 2, 3));
    assertThat(only(plain).layout()).isEqualTo(Layout.IN_OUT);
  }

  @Test
  void looksThroughIdentityAndCastAlsoWhenTheyRunInACircle() throws IOException {
    byte[] model =
        model(
            node("MatMul", "/a/MatMul", "y", "x", "w2"),
            node("Cast", "/Cast", "w2", "w1"),
            node("Identity", "/Identity", "w1", "w"),
            node("Identity", "/i", "p", "q"),
            node("Identity", "/j", "q", "p"),
            node("MatMul", "/loop/MatMul", "z", "x", "p"),
            initializer("w", FLOAT, f32(SIX), 2, 3));

    assertThat(only(model).name()).isEqualTo("a.weight");
    assertThat(only(model).layout()).isEqualTo(Layout.IN_OUT);
  }

  @Test
  void aNameGoesToOneInitializerOnly() throws IOException {
    byte[] model =
        model(
            node("MatMul", "/a/MatMul", "y", "x", "v"),
            node("MatMul", "/a/MatMul_1", "z", "y", "w"),
            node("MatMul", "/b/MatMul", "z", "y", "u"),
            initializer("v", FLOAT, f32(1), 1, 1),
            initializer("w", FLOAT, f32(2), 1, 1),
            initializer("u", FLOAT, f32(3), 1, 1),
            initializer("b.weight", FLOAT, f32(4), 1, 1));

    assertThat(read(model))
        .extracting(Tensor::name)
        .containsExactly("a.weight", "w", "u", "b.weight");
  }

  @Test
  void readsTypedFloatsAndHalves() throws IOException {
    byte[] floats = model(Onnx.floatData("a.w", SIX, List.of(3L, 2L)));
    assertThat(weights(floats)).isEqualTo(Matrix.of(3, 2, SIX));

    byte[] half = model(initializer("a.w", Onnx.FLOAT16, Elements.encode(DType.F16, SIX), 3, 2));
    assertThat(weights(half)).isEqualTo(Matrix.of(3, 2, SIX));

    byte[] bf = model(initializer("a.w", Onnx.BFLOAT16, Elements.encode(DType.BF16, SIX), 3, 2));
    assertThat(weights(bf)).isEqualTo(Matrix.of(3, 2, SIX));
  }

  @Test
  void leavesOutWhatIsNoFloatMatrix() throws IOException {
    byte[] model =
        model(
            initializer("bias", FLOAT, f32(1, 2), 2),
            initializer("ids", Onnx.INT64, new byte[16], 1, 2),
            initializer("empty", FLOAT, new byte[0], 0, 2),
            initializer("cube", FLOAT, f32(1), 1, 1, 1),
            initializer("scalar", FLOAT, f32(1)));

    assertThat(read(model)).isEmpty();
  }

  @Test
  void identityFollowsTheGraphAndTheStoredName() throws IOException {
    byte[] one = model(initializer("a.w", FLOAT, f32(SIX), 2, 3));
    byte[] reshaped = model(initializer("a.w", FLOAT, f32(SIX), 3, 2));

    assertThat(only(one).identity()).hasSize(64).isEqualTo(only(one).identity());
    assertThat(only(one).identity()).isNotEqualTo(only(reshaped).identity());
  }

  static Stream<Arguments> broken() {
    byte[] good = model(initializer("a.w", FLOAT, f32(SIX), 2, 3));
    return Stream.of(
        Arguments.of("no bytes", new byte[0], "holds no graph"),
        Arguments.of("text", "not an onnx file at all".getBytes(StandardCharsets.UTF_8), "onnx"),
        Arguments.of("truncated", Arrays.copyOf(good, good.length / 2), "bytes where"),
        Arguments.of("promised bytes", Onnx.promise(7, 1 << 30), "1073741824 bytes where 5"),
        Arguments.of("negative length", Onnx.promise(7, -1), "4294967295 bytes where 5"),
        Arguments.of("two graphs", concat(good, good), "two graphs"),
        Arguments.of(
            "group that never began",
            Onnx.bytes(out -> out.writeRawByte(0x3c)),
            "end-group tag did not match"),
        Arguments.of(
            "groups without end",
            Onnx.bytes(
                out -> {
                  for (int i = 0; i < 100_000; i++) {
                    out.writeRawByte(0x0b);
                  }
                }),
            "not a whole ONNX model"),
        Arguments.of(
            "wrong number of bytes",
            model(initializer("a.w", FLOAT, f32(SIX), 2, 4)),
            "initializer a.w: Has 24 bytes, which do not hold shape [2, 4] of F32"),
        Arguments.of(
            "odd bytes",
            model(initializer("a.w", FLOAT, new byte[25], 2, 3)),
            "initializer a.w: Has 25 bytes"),
        Arguments.of(
            "huge dimension",
            model(initializer("a.w", FLOAT, f32(SIX), 2, 1L << 31)),
            "the limit is 2^31-1"),
        Arguments.of(
            "dimensions whose product is huge",
            model(initializer("a.w", FLOAT, f32(SIX), (1L << 31) - 1, (1L << 31) - 1)),
            "which do not hold"),
        Arguments.of(
            "negative dimension",
            model(initializer("a.w", FLOAT, f32(SIX), -2, -3)),
            "dimension -2"),
        Arguments.of(
            "initializer twice",
            model(
                initializer("a.w", FLOAT, f32(SIX), 2, 3),
                initializer("a.w", FLOAT, f32(SIX), 2, 3)),
            "a.w twice"),
        Arguments.of(
            "external data",
            model(
                tensor(
                    t -> {
                      t.writeString(8, "a.w");
                      t.writeByteArray(13, new byte[0]);
                      t.writeInt32(14, 1);
                    })),
            "a.w in another file"),
        Arguments.of(
            "elements one by one",
            model(
                tensor(
                    t -> {
                      t.writeInt64(1, 1);
                      t.writeInt64(1, 1);
                      t.writeInt32(2, FLOAT);
                      t.writeFloat(4, 1);
                      t.writeString(8, "a.w");
                    })),
            "Is not stored as one run of bytes"),
        Arguments.of(
            "elements in two pieces",
            model(
                tensor(
                    t -> {
                      t.writeInt64(1, 1);
                      t.writeInt64(1, 2);
                      t.writeInt32(2, FLOAT);
                      t.writeByteArray(4, f32(1));
                      t.writeByteArray(4, f32(2));
                      t.writeString(8, "a.w");
                    })),
            "Is not stored as one run of bytes"),
        Arguments.of(
            "name not UTF-8",
            model(tensor(t -> t.writeByteArray(8, new byte[] {(byte) 0xff}))),
            "not valid UTF-8"),
        Arguments.of(
            "endless name",
            model(tensor(t -> t.writeString(8, "x".repeat(70_000)))),
            "name of 70000 bytes"));
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void refuses(String what, byte[] model, String message) {
    assertThatThrownBy(() -> read(model))
        .as(what)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("mem:/m.onnx")
        .hasMessageContaining(message);
  }
}
