package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.part.Artifact;
import dev.assay.part.BasisChange;
import dev.assay.part.ChannelScale;
import dev.assay.part.Codes;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Granularity;
import dev.assay.part.InputRounding;
import dev.assay.part.Permutation;
import dev.assay.part.Reals;
import dev.assay.part.Rebased;
import dev.assay.part.Rotation;
import dev.assay.part.UniformLevels;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs that are rounded at run time, against loops over their definition. */
class RoundedInputTest {
  private static final String UP = "bert.encoder.layer.1.intermediate.dense";
  private static final String DOWN = "bert.encoder.layer.2.output.dense";

  @TempDir private Path directory;

  private static float[] gaussian(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Symmetric codes, one scale per row. */
  private static Codes codes(int rows, int cols, int bits, long seed) {
    Random random = new Random(seed);
    char[] codes = new char[rows * cols];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (char) random.nextInt((1 << bits) - 1);
    }
    float[] scales = new float[rows];
    for (int i = 0; i < rows; i++) {
      scales[i] = (0.3f + random.nextFloat()) / (1 << bits);
    }
    return new Codes(
        rows,
        cols,
        bits,
        new Granularity.Row(),
        codes,
        new UniformLevels(
            Reals.stored(scales, DType.F32),
            new UniformLevels.Zeros.Implied((1 << (bits - 1)) - 1)));
  }

  private static CompressedMatrix compressed(
      Codes codes, int rows, int cols, InputRounding rounding, List<BasisChange> changes) {
    CompressedMatrix result = new CompressedMatrix(rows, cols, List.of(codes), rounding);
    for (int i = changes.size() - 1; i >= 0; i--) {
      result = new CompressedMatrix(rows, cols, List.of(new Rebased(result, changes.get(i))));
    }
    return result;
  }

  private static ChannelScale scale(int width) {
    float[] scales = gaussian(width, 9);
    for (int j = 0; j < width; j++) {
      scales[j] = (float) Math.exp(scales[j]);
    }
    return ChannelScale.of(scales, DType.F32);
  }

  private static Permutation reversal(int width) {
    return Permutation.of(IntStream.range(0, width).map(j -> width - 1 - j).toArray());
  }

  private static List<BasisChange> changes(String name, int width) {
    return switch (name) {
      case "none" -> List.of();
      case "scale" -> List.of(scale(width));
      case "rotation" -> List.of(Rotation.of(width, 4));
      case "permutation" -> List.of(reversal(width));
      default -> List.of(scale(width), Rotation.of(width, 4), reversal(width));
    };
  }

  private static float[] quantized(Link link, float[] values, long... shape) {
    try (PointerScope scope = new PointerScope()) {
      float[] result = new float[values.length];
      new FloatPointer(
              link.quantizer()
                  .quantize(AbstractTensor.create(values, shape))
                  .contiguous()
                  .data_ptr())
          .get(result);
      return result;
    }
  }

  private static Link link(int width, int bits, double clip) {
    return Link.of(
        compressed(
            codes(3, width, 4, 1), 3, width, new InputRounding.PerToken(bits, clip), List.of()));
  }

  /** x·T as the definition of T has it, in double. */
  private static double[] moved(List<BasisChange> changes, double[] x) {
    double[] current = x;
    for (BasisChange change : changes) {
      double[] next = new double[x.length];
      if (change instanceof ChannelScale scale) {
        for (int j = 0; j < x.length; j++) {
          next[j] = current[j] / scale.scales()[j];
        }
      } else if (change instanceof Rotation rotation) {
        for (int j = 0; j < x.length; j++) {
          for (int i = 0; i < x.length; i++) {
            double entry = rotation.signs()[i];
            int left = i;
            int right = j;
            List<Matrix> factors = rotation.factors();
            for (int f = factors.size() - 1; f >= 0; f--) {
              int order = factors.get(f).rows();
              // Entries of a Hadamard matrix over the root of its order, without their rounding.
              entry *=
                  Math.signum(factors.get(f).at(left % order, right % order)) / Math.sqrt(order);
              left /= order;
              right /= order;
            }
            next[j] += current[i] * entry;
          }
        }
      } else {
        for (int j = 0; j < x.length; j++) {
          next[j] = current[x.length - 1 - j];
        }
      }
      current = next;
    }
    return current;
  }

  private static double tokenScale(double[] x, int bits, double clip) {
    double largest = 1e-5;
    for (double value : x) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest * clip / ((1 << (bits - 1)) - 1);
  }

  private static int code(double value, double scale, int bits) {
    int top = (1 << (bits - 1)) - 1;
    return (int) Math.max(-top - 1, Math.min(top, Math.rint(value / scale)));
  }

  @ParameterizedTest
  @CsvSource({"8, 1", "4, 1", "4, 0.9", "2, 0.5"})
  void tokensAreRoundedAsDefined(int bits, double clip) {
    int width = 24;
    float[] x = gaussian(10 * width, 3);
    float[] rounded = quantized(link(width, bits, clip), x, 2, 5, width);
    for (int t = 0; t < 10; t++) {
      double[] token = new double[width];
      for (int j = 0; j < width; j++) {
        token[j] = x[t * width + j];
      }
      double scale = tokenScale(token, bits, clip);
      for (int j = 0; j < width; j++) {
        double expected = scale * code(token[j], scale, bits);
        assertThat((double) rounded[t * width + j]).isCloseTo(expected, within(1e-6));
      }
    }
  }

  @Test
  void aTokenScalesWithItsSizeAndZeroStaysZero() {
    int width = 24;
    float[] x = gaussian(3 * width, 5);
    Arrays.fill(x, width, 2 * width, 0);
    float[] larger = x.clone();
    for (int i = 0; i < x.length; i++) {
      larger[i] *= 8;
    }
    float[] rounded = quantized(link(width, 4, 1), x, 3, width);
    float[] roundedLarger = quantized(link(width, 4, 1), larger, 3, width);
    for (int i = 0; i < x.length; i++) {
      assertThat(roundedLarger[i]).isEqualTo(8 * rounded[i]);
      if (i >= width && i < 2 * width) {
        assertThat(rounded[i]).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {24, 36, 64, 128, 43})
  void theBasisOfTensorsIsThatOfMatrices(int width) {
    float[] x = gaussian(6 * width, 8);
    for (BasisChange change : List.of(scale(width), Rotation.of(width, 4), reversal(width))) {
      Matrix expected = change.inputs(Matrix.of(6, width, x));
      float[] actual = new float[x.length];
      try (PointerScope scope = new PointerScope()) {
        new FloatPointer(
                InputChange.of(change, width)
                    .apply(AbstractTensor.create(x, 2, 3, width))
                    .contiguous()
                    .data_ptr())
            .get(actual);
      }
      for (int i = 0; i < x.length; i++) {
        assertThat(actual[i])
            .isCloseTo(expected.data()[i], within(2e-6f * (1 + Math.abs(expected.data()[i]))));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "scale", "rotation", "permutation", "all"})
  void withoutRoundingALinkIsTheEffectiveWeight(String basis) {
    CompressedMatrix compressed =
        compressed(codes(5, 24, 4, 1), 5, 24, new InputRounding.None(), changes(basis, 24));
    Link link = Link.of(compressed);
    assertThat(link.matrix()).isEqualTo(compressed.decode());
    assertThat(link.quantizer()).isSameAs(ActivationQuantizer.NONE);
  }

  /** As act-order with groups stores codes: in the walk's order, inside what is rounded for. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "rotation", "all"})
  void anOrderOfTheCodesDoesNotHideTheRounding(String basis) {
    InputRounding rounding = new InputRounding.PerToken(4, 1);
    CompressedMatrix walked =
        compressed(codes(5, 24, 4, 1), 5, 24, new InputRounding.None(), List.of(reversal(24)));
    CompressedMatrix natural = new CompressedMatrix(5, 24, walked.parts(), rounding);
    CompressedMatrix outer = natural;
    List<BasisChange> changes = changes(basis, 24);
    for (int i = changes.size() - 1; i >= 0; i--) {
      outer = new CompressedMatrix(5, 24, List.of(new Rebased(outer, changes.get(i))));
    }
    Link link = Link.of(outer);
    assertThat(link.matrix()).isEqualTo(walked.decode());
    float[] x = gaussian(3 * 24, 2);
    Link plain = Link.of(compressed(codes(5, 24, 4, 1), 5, 24, rounding, changes));
    assertThat(quantized(link, x, 3, 24)).isEqualTo(quantized(plain, x, 3, 24));
  }

  @Test
  void integersGiveWhatFakeQuantizationGives() {
    int width = 64;
    int rows = 7;
    Codes codes = codes(rows, width, 8, 1);
    Link link =
        Link.of(compressed(codes, rows, width, new InputRounding.PerToken(8, 1), List.of()));
    float[] x = gaussian(5 * width, 2);
    float[] rounded = quantized(link, x, 5, width);
    for (int t = 0; t < 5; t++) {
      double[] token = new double[width];
      for (int j = 0; j < width; j++) {
        token[j] = x[t * width + j];
      }
      double scale = tokenScale(token, 8, 1);
      for (int i = 0; i < rows; i++) {
        int integers = 0;
        double fake = 0;
        for (int j = 0; j < width; j++) {
          integers +=
              code(token[j], scale, 8)
                  * (codes.code(i * width + j) - (int) ((UniformLevels) codes.levels()).zero(i));
          fake += (double) rounded[t * width + j] * link.matrix().at(i, j);
        }
        double expected = scale * ((UniformLevels) codes.levels()).scale(i) * integers;
        assertThat(fake).isCloseTo(expected, within(1e-5 * (1 + Math.abs(expected))));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"none, 8", "none, 4", "scale, 8", "scale, 4", "rotation, 4", "all, 4"})
  void modelsComputeWithRoundedInputs(String basis, int bits) throws IOException {
    TinyModel tiny = TinyModel.bert("bert.", 3, 1);
    NaiveEncoder naive = new NaiveEncoder(tiny, NaiveEncoder::gelu, 1e-5);
    InputRounding rounding = new InputRounding.PerToken(bits, 1);
    CompressedMatrix up = compressed(codes(36, 24, bits, 5), 36, 24, rounding, changes(basis, 24));
    CompressedMatrix down =
        compressed(codes(24, 36, bits, 6), 24, 36, rounding, changes(basis, 36));
    naive.replace(UP, x -> product(codes(36, 24, bits, 5), 36, changes(basis, 24), bits, x));
    naive.replace(DOWN, x -> product(codes(24, 36, bits, 6), 24, changes(basis, 36), bits, x));
    Map<String, List<Link>> links =
        Map.of(UP + ".weight", List.of(Link.of(up)), DOWN + ".weight", List.of(Link.of(down)));
    Map<String, List<Link>> readBack =
        Map.of(
            UP + ".weight",
            List.of(Link.of(readBack(up))),
            DOWN + ".weight",
            List.of(Link.of(readBack(down))));
    List<TokenIds> texts =
        List.of(
            new TokenIds(new int[] {1, 5, 9, 30, 7}, new int[5], false),
            new TokenIds(new int[] {2, 3}, new int[2], false));
    try (Model dense = ModelLoader.load(tiny.write(directory));
        Model trial = dense.with(links);
        Model again = dense.with(readBack);
        Model effective =
            Replaced.in(
                dense, Map.of(UP + ".weight", up.decode(), DOWN + ".weight", down.decode()))) {
      float[][] logits = trial.logits(Batch.of(texts));
      float[][] exact = effective.logits(Batch.of(texts));
      double moved = 0;
      for (int i = 0; i < texts.size(); i++) {
        double[] expected = naive.logits(texts.get(i));
        for (int c = 0; c < expected.length; c++) {
          assertThat((double) logits[i][c]).isCloseTo(expected[c], within(2e-5));
          moved = Math.max(moved, Math.abs(exact[i][c] - expected[c]));
        }
      }
      assertThat(moved).as("what rounding does").isGreaterThan(1e-3);
      assertThat(again.logits(Batch.of(texts))).isDeepEqualTo(logits);
    }
  }

  private static double[] product(
      Codes codes, int rows, List<BasisChange> changes, int bits, double[] x) {
    double[] there = moved(changes, x);
    double scale = tokenScale(there, bits, 1);
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < x.length; j++) {
        int weight = codes.code(i * x.length + j) - (int) ((UniformLevels) codes.levels()).zero(i);
        y[i] +=
            scale
                * code(there[j], scale, bits)
                * ((UniformLevels) codes.levels()).scale(i)
                * weight;
      }
    }
    return y;
  }

  private CompressedMatrix readBack(CompressedMatrix written) throws IOException {
    Path path = directory.resolve("artifact.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      Artifact.write(out, written);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return Artifact.read(file, written.rows(), written.cols());
    }
  }

  @Test
  void aTableHasNoInputToRound() throws IOException {
    try (Model model = ModelLoader.load(TinyModel.bert("bert.", 3, 1).write(directory))) {
      Link rounding =
          Link.of(
              compressed(codes(40, 24, 4, 1), 40, 24, new InputRounding.PerToken(8, 1), List.of()));
      String words = "bert.embeddings.word_embeddings.weight";
      assertThatThrownBy(() -> model.with(Map.of(words, List.of(rounding))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is a table");
    }
  }
}
