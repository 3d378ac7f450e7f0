package dev.assay.recipe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.RealWeights;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsHeader;
import dev.assay.part.Artifact;
import dev.assay.part.ChannelScale;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.InputRounding;
import dev.assay.part.Rebased;
import dev.assay.part.Rotation;
import dev.assay.recipe.Calibrated;
import dev.assay.recipe.Inputs;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.score.TopK;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformTest {
  private static final String QUANTIZER =
      "quantizer {bits = 3, grid = awq-asym, granularity = \"group(16)\"}";

  @TempDir private Path folder;

  private static CompressedMatrix compress(String entry, Matrix weight, Knowledge knowledge) {
    return Recipes.one(entry).compress(weight, DType.F32, knowledge);
  }

  private static String stages(String... stages) {
    return "{name = mine, stages = [" + String.join(", ", stages) + "]}";
  }

  private static ChannelScale smooth(double alpha, Matrix x, List<Matrix> peers) {
    Knowledge knowledge = TestKnowledge.of(peers.get(0), Calibrated.statistics(x), peers);
    Recipe recipe =
        Recipes.one(
            stages("{stage = smooth, alpha = " + alpha + ", most = 1e9}", "{stage = keep}"));
    CompressedMatrix result = recipe.compress(peers.get(0), DType.F32, knowledge);
    return (ChannelScale) ((Rebased) result.parts().get(0)).change();
  }

  /** max |w·ⱼ| over all rows of all peers. */
  private static double columnMaximum(List<Matrix> peers, int column) {
    double largest = 0;
    for (Matrix peer : peers) {
      for (int i = 0; i < peer.rows(); i++) {
        largest = Math.max(largest, Math.abs(peer.at(i, column)));
      }
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{stage = smooth}",
        "{stage = smooth, channel-type = f16}",
        "{stage = rotate}",
        "{stage = awq, steps = 5, " + QUANTIZER + "}",
        "{stage = smooth}, {stage = rotate, kind = hadamard, replicate = 3}",
        "{stage = rotate}, {stage = awq, steps = 3, " + QUANTIZER + "}"
      })
  void aChangeOfBasisWithoutQuantizationChangesNothing(String transforms) {
    Matrix weight = Calibrated.weight(20, 48, 1);
    Matrix x = Calibrated.inputs(64, 48, 2);
    Knowledge knowledge = TestKnowledge.of(weight, Calibrated.statistics(x));
    CompressedMatrix result = compress(stages(transforms, "{stage = keep}"), weight, knowledge);
    assertThat(result.parts().get(0)).isInstanceOf(Rebased.class);
    Matrix effective = result.decode();
    assertThat(Math.sqrt(Recipes.squaredDistance(effective, weight) / weight.squaredNorm()))
        .isLessThan(1e-6);
  }

  @Test
  void alphaDecidesWhichSideIsEqualized() {
    Matrix x = Calibrated.inputs(200, 32, 3);
    List<Matrix> peers = List.of(Calibrated.weight(9, 32, 4), Calibrated.weight(12, 32, 5));
    double[] activations = Calibrated.statistics(x).maxAbs();
    float[] weights = smooth(0, x, peers).scales();
    float[] both = smooth(0.5, x, peers).scales();
    float[] inputs = smooth(1, x, peers).scales();
    for (int j = 0; j < 32; j++) {
      double w = columnMaximum(peers, j);
      double a = activations[j];
      assertThat(w * weights[j]).isCloseTo(1, within(1e-6));
      assertThat(a / inputs[j]).isCloseTo(1, within(1e-6));
      double meeting = Math.sqrt(a * w);
      assertThat(w * both[j]).isCloseTo(meeting, within(1e-6 * meeting));
      assertThat(a / both[j]).isCloseTo(meeting, within(1e-6 * meeting));
    }
  }

  @Test
  void silentChannelsAndEmptyColumnsStayWithinTheBounds() {
    Matrix x = Calibrated.inputs(50, 16, 3);
    for (int i = 0; i < 50; i++) {
      x.data()[i * 16] = 0;
      x.data()[i * 16 + 1] = 1000;
    }
    Matrix weight = Calibrated.weight(4, 16, 5);
    for (int i = 0; i < 4; i++) {
      weight.data()[i * 16 + 1] = 0;
    }
    Knowledge knowledge = TestKnowledge.of(weight, Calibrated.statistics(x));
    CompressedMatrix result =
        compress(
            stages("{stage = smooth, least = 0.01, most = 50}", "{stage = keep}"),
            weight,
            knowledge);
    float[] scales = ((ChannelScale) ((Rebased) result.parts().get(0)).change()).scales();
    assertThat(scales[0]).isEqualTo(0.01f);
    assertThat(scales[1]).isEqualTo(50f);
    assertThat(result.decode().firstNonFinite()).isNegative();
  }

  /** Mean squared output difference of all peers, from the inputs themselves, in double. */
  private static double outputLoss(List<Matrix> effective, List<Matrix> peers, Matrix x) {
    double sum = 0;
    long outputs = 0;
    for (int p = 0; p < peers.size(); p++) {
      Matrix weight = peers.get(p);
      for (int t = 0; t < x.rows(); t++) {
        for (int i = 0; i < weight.rows(); i++) {
          double difference = 0;
          for (int j = 0; j < weight.cols(); j++) {
            difference += ((double) effective.get(p).at(i, j) - weight.at(i, j)) * x.at(t, j);
          }
          sum += difference * difference;
          outputs++;
        }
      }
    }
    return sum / outputs;
  }

  @ParameterizedTest
  @CsvSource({"2, row", "3, group(16)", "4, group(20)", "3, tensor"})
  void awqNeverLosesToRoundingAlone(int bits, String granularity) {
    String quantizer =
        "bits = " + bits + ", grid = awq-asym, granularity = \"" + granularity + "\"";
    for (int seed = 0; seed < 4; seed++) {
      Matrix x = Calibrated.inputs(40, 48, seed);
      List<Matrix> peers =
          List.of(Calibrated.weight(7, 48, 100 + seed), Calibrated.weight(5, 48, 200 + seed));
      Recipe awq =
          Recipes.one(
              stages(
                  "{stage = awq, steps = 10, quantizer {" + quantizer + "}}",
                  "{stage = quantize, " + quantizer + "}"));
      Recipe plain = Recipes.one(stages("{stage = quantize, " + quantizer + "}"));
      TestKnowledge knowledge = TestKnowledge.of(peers.get(0), Calibrated.statistics(x), peers);
      List<Matrix> scaled =
          peers.stream().map(w -> awq.compress(w, DType.F32, knowledge).decode()).toList();
      List<Matrix> rounded =
          peers.stream().map(w -> plain.compress(w, DType.F32, knowledge).decode()).toList();
      Awq stage = (Awq) awq.stages().get(0);
      Awq.Search search = stage.search(State.of(peers.get(0), DType.F32), knowledge);
      double loss = outputLoss(scaled, peers, x);
      double alone = outputLoss(rounded, peers, x);
      assertThat(search.losses()).hasSize(10);
      assertThat(search.losses().get(0)).isCloseTo(alone, within(1e-6 * alone));
      assertThat(search.losses().get(search.best())).isCloseTo(loss, within(1e-5 * loss));
      assertThat(search.losses()).allMatch(other -> other >= search.losses().get(search.best()));
      assertThat(loss).isLessThanOrEqualTo(alone * (1 + 1e-6));
    }
  }

  @Test
  void awqScalesAreNormalizedAndDoNotDependOnTheSizeOfTheInput() {
    Matrix weight = Calibrated.weight(10, 48, 1);
    Matrix x = Calibrated.inputs(40, 48, 2);
    Matrix larger = x.copy();
    for (int i = 0; i < larger.size(); i++) {
      larger.data()[i] *= 64;
    }
    for (String scaling : List.of("activation", "duo")) {
      Awq stage =
          (Awq)
              Recipes.one(
                      stages(
                          "{stage = awq, scaling = " + scaling + ", " + QUANTIZER + "}",
                          "{stage = keep}"))
                  .stages()
                  .get(0);
      State state = State.of(weight, DType.F32);
      Awq.Search search = stage.search(state, TestKnowledge.of(weight, Calibrated.statistics(x)));
      Awq.Search other =
          stage.search(state, TestKnowledge.of(weight, Calibrated.statistics(larger)));
      assertThat(other.best()).isEqualTo(search.best());
      float[] s = search.scale().scales();
      float[] t = other.scale().scales();
      double most = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int j = 0; j < s.length; j++) {
        assertThat(t[j]).isCloseTo(s[j], within(2e-3f * s[j]));
        most = Math.max(most, s[j]);
        least = Math.min(least, s[j]);
      }
      assertThat(most * least).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void duoScalesFollowTheirFormula() {
    Matrix weight = Calibrated.weight(6, 20, 1);
    Matrix x = Calibrated.inputs(30, 20, 2);
    Awq stage =
        (Awq)
            Recipes.one(
                    stages(
                        "{stage = awq, scaling = duo, steps = 4, quantizer {bits = 4,"
                            + " grid = awq-asym, granularity = \"group(8)\"}}",
                        "{stage = keep}"))
                .stages()
                .get(0);
    Awq.Search search =
        stage.search(
            State.of(weight, DType.F32), TestKnowledge.of(weight, Calibrated.statistics(x)));
    double a = search.best() / 4.0;
    double[] mean = Calibrated.statistics(x).meanAbs();
    double[] raw = new double[20];
    for (int j = 0; j < 20; j++) {
      int from = j / 8 * 8;
      double magnitude = 0;
      for (int i = 0; i < 6; i++) {
        double largest = 0;
        for (int k = from; k < Math.min(20, from + 8); k++) {
          largest = Math.max(largest, Math.abs(weight.at(i, k)));
        }
        magnitude += Math.abs(weight.at(i, j)) / (largest + 1e-6) / 6;
      }
      raw[j] = Math.max(1e-4, Math.pow(mean[j], a) / (Math.pow(magnitude, 1 - a) + 1e-4));
    }
    double most = Arrays.stream(raw).max().orElseThrow();
    double least = Arrays.stream(raw).min().orElseThrow();
    for (int j = 0; j < 20; j++) {
      double expected = raw[j] / Math.sqrt(most * least);
      assertThat((double) search.scale().scales()[j]).isCloseTo(expected, within(1e-5 * expected));
    }
  }

  @Test
  void weightsThatShareAnInputShareTheirTransforms() {
    Matrix x = Calibrated.inputs(40, 48, 2);
    List<Matrix> peers = List.of(Calibrated.weight(7, 48, 1), Calibrated.weight(5, 48, 2));
    for (String transform :
        List.of("{stage = smooth}", "{stage = rotate}", "{stage = awq, " + QUANTIZER + "}")) {
      Recipe recipe = Recipes.one(stages(transform, "{stage = keep}"));
      // Each computed by itself, as in tasks of their own.
      List<Object> changes =
          peers.stream()
              .map(
                  weight ->
                      recipe.compress(
                          weight,
                          DType.F32,
                          TestKnowledge.of(weight, Calibrated.statistics(x), peers)))
              .map(result -> (Object) ((Rebased) result.parts().get(0)).change())
              .toList();
      assertThat(changes.get(0)).isEqualTo(changes.get(1));
    }
  }

  @Test
  void clippingPicksTheBoundWithTheLeastOutputError() {
    Matrix weight = Calibrated.weight(6, 20, 7);
    weight.data()[3] = 0.9f;
    weight.data()[29] = -1.1f;
    Matrix x = Calibrated.inputs(40, 20, 8);
    String quantizer = "bits = 3, grid = awq-asym, granularity = \"group(8)\"";
    CompressedMatrix result =
        compress(
            stages(
                "{stage = awq-clip, steps = 10, quantizer {" + quantizer + "}}", "{stage = keep}"),
            weight,
            TestKnowledge.of(weight, Calibrated.statistics(x)));
    Matrix clamped = result.decode();
    int narrowed = 0;
    for (int i = 0; i < 6; i++) {
      for (int from = 0; from < 20; from += 8) {
        int to = Math.min(20, from + 8);
        double best = Double.POSITIVE_INFINITY;
        int chosen = 0;
        double largest = 0;
        for (int j = from; j < to; j++) {
          largest = Math.max(largest, Math.abs(weight.at(i, j)));
        }
        for (int step = 0; step < 10; step++) {
          double error = groupError(weight, i, from, to, largest * (1 - step / 20.0), x);
          if (error < best) {
            best = error;
            chosen = step;
          }
        }
        narrowed += chosen > 0 ? 1 : 0;
        double bound = largest * (1 - chosen / 20.0);
        for (int j = from; j < to; j++) {
          double expected = Math.max(-bound, Math.min(bound, weight.at(i, j)));
          assertThat((double) clamped.at(i, j)).isCloseTo(expected, within(1e-6));
        }
      }
    }
    assertThat(narrowed).isPositive();
    Recipe none =
        Recipes.one(
            stages(
                "{stage = awq-clip, steps = 0, quantizer {" + quantizer + "}}", "{stage = keep}"));
    assertThat(none).isEqualTo(Recipes.one("{method = dense}"));
  }

  /** Σ over tokens of (x·(ŵ − w))², the group clamped to ±bound and rounded to 3 bits. */
  private static double groupError(
      Matrix weight, int row, int from, int to, double bound, Matrix x) {
    double lo = Double.POSITIVE_INFINITY;
    double hi = Double.NEGATIVE_INFINITY;
    for (int j = from; j < to; j++) {
      double w = Math.max(-bound, Math.min(bound, weight.at(row, j)));
      lo = Math.min(lo, w);
      hi = Math.max(hi, w);
    }
    double scale = Math.max(hi - lo, 1e-5) / 7;
    double zero = Math.max(0, Math.min(7, -Math.rint(lo / scale)));
    double sum = 0;
    for (int t = 0; t < x.rows(); t++) {
      double difference = 0;
      for (int j = from; j < to; j++) {
        double w = Math.max(-bound, Math.min(bound, weight.at(row, j)));
        double code = Math.max(0, Math.min(7, Math.rint(w / scale) + zero));
        difference += (scale * (code - zero) - weight.at(row, j)) * x.at(t, j);
      }
      sum += difference * difference;
    }
    return sum;
  }

  @Test
  void rotationFlattensAnOutlierChannel() {
    Matrix x = Calibrated.weight(100, 384, 4);
    for (int t = 0; t < 100; t++) {
      x.data()[t * 384 + 17] = 3;
    }
    Matrix rotated = Rotation.of(384, 1).inputs(x);
    for (int t = 0; t < 100; t++) {
      assertThat(peak(x, t)).isGreaterThan(15);
      // Towards √(2·ln n) = 3.4 for Gaussian entries; the outlier itself is spread to 1/√n each.
      assertThat(peak(rotated, t)).isLessThan(5);
    }
  }

  private static double peak(Matrix x, int token) {
    double largest = 0;
    double squares = 0;
    for (int j = 0; j < x.cols(); j++) {
      largest = Math.max(largest, Math.abs(x.at(token, j)));
      squares += (double) x.at(token, j) * x.at(token, j);
    }
    return largest / Math.sqrt(squares / x.cols());
  }

  @Test
  void rotationHelpsAWeightWithOneHugeEntry() {
    Matrix weight = RealWeights.wide();
    String plain = "{method = rtn, bits = 4, grid = narrow-sym, granularity = row}";
    String rotated = "{method = hadamard-rtn, bits = 4, clip = absmax}";
    double before = Recipes.squaredDistance(Recipes.effective(plain, weight), weight);
    double after = Recipes.squaredDistance(Recipes.effective(rotated, weight), weight);
    assertThat(after).isLessThan(0.5 * before);
  }

  @Test
  void theSeedDecidesTheRotation() {
    Recipe recipe = Recipes.one("{method = hadamard-rtn}");
    assertThat(recipe.seeded()).isTrue();
    assertThat(Recipes.one("{method = smoothquant}").seeded()).isFalse();
    Matrix weight = Calibrated.weight(8, 24, 1);
    Matrix one = Recipes.effective("{method = hadamard-rtn}", weight);
    assertThat(Recipes.effective("{method = hadamard-rtn}", weight)).isEqualTo(one);
    assertThat(Recipes.effective("{method = hadamard-rtn, replicate = 1}", weight))
        .isNotEqualTo(one);
  }

  @Test
  void whatIsProtectedInARotatedBasisIsExactThere() {
    Matrix weight = RealWeights.square();
    String protect = "{stage = protect, score = principal, rank = 384, keep = 500}";
    String quantize = "{stage = quantize, bits = 3, grid = narrow-sym, granularity = row}";
    CompressedMatrix result =
        Recipes.compress(stages("{stage = rotate}", protect, quantize), weight);
    Rebased rebased = (Rebased) result.parts().get(0);
    Matrix rotated = rebased.change().into(weight);
    Matrix decoded = rebased.inner().decode();
    // With all triples the principal score is the magnitude: the largest entries there are kept.
    float[] scores = rotated.data().clone();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.abs(scores[i]);
    }
    TopK.indices(scores, 450).stream()
        .forEach(i -> assertThat(decoded.data()[i]).isEqualTo(rotated.data()[i]));
  }

  @Test
  void ordersThatMeanNothingAreErrors() {
    String quantize = "{stage = quantize, bits = 4, grid = gptq-sym, granularity = row}";
    String protect = "{stage = protect, score = magnitude, keep = 4}";
    String residual = "{stage = factor, rank = 8, then = residual}";
    String activations = "{stage = activations, bits = 8}";
    String clip = "{stage = awq-clip, " + QUANTIZER + "}";
    refuses("must come before them", protect, "{stage = rotate}", quantize);
    refuses("must come before them", residual, "{stage = smooth}", quantize);
    refuses("must come before them", activations, "{stage = rotate}", quantize);
    String prune = "{stage = prune, score = magnitude, scope = row, sparsity = 0.5}";
    refuses("must come before them", prune, "{stage = rotate}", quantize);
    refuses("must come before them", prune, "{stage = smooth}", quantize);
    refuses("clamps whole groups", prune, clip, quantize);
    refuses("must come before them", clip, "{stage = rotate}", quantize);
    refuses("leaves nothing", quantize, activations);
    refuses("comes twice", activations, activations, quantize);
    refuses(
        "no change of basis may precede it",
        "{stage = rotate}",
        "{stage = factor, rank = 8, metric = fisher-rows, then = residual}",
        quantize);
    refuses("clamps whole groups", protect, clip, quantize);
    refuses("something is left", "{stage = rotate}");
    refuses(
        "not supported in a recipe for a low-rank factor",
        "{stage = factor, rank = 8, left {stages = [{stage = smooth}, {stage = keep}]}}");
    refuses(
        "cannot stand in a recipe for a low-rank factor",
        "{stage = factor, rank = 8, left {stages = [" + activations + ", {stage = keep}]}}");
    refuses("bits are not supported", "{stage = activations, bits = 9}", quantize);
    refuses("alpha = 1.5", "{stage = smooth, alpha = 1.5}", quantize);
    refuses("clip-ratio = 0", "{stage = activations, bits = 8, clip-ratio = 0}", quantize);
    refuses(
        "Unknown key",
        "{stage = awq, quantizer {bits = 4, grid = awq-asym, " + "granularity = row, x = 1}}",
        quantize);
    refuses("quantizer", "{stage = awq}", quantize);
  }

  private static void refuses(String message, String... stages) {
    assertThatThrownBy(() -> Recipes.grid(stages(stages)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatCannotBeDoneIsSaid() {
    Matrix weight = Calibrated.weight(4, 24, 1);
    assertThatThrownBy(() -> Recipes.compress("{method = awq}", weight))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("needs statistics");
    assertThatThrownBy(() -> Recipes.one("{method = hadamard-rtn}").check(4, 2302))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("No Hadamard matrix of order 2302");
    Knowledge tiny = TestKnowledge.of(weight, Calibrated.statistics(Calibrated.inputs(9, 24, 1)));
    assertThatThrownBy(
            () ->
                compress(
                    stages(
                        "{stage = smooth, least = 1e-9, most = 1e-9, channel-type = f16}",
                        "{stage = keep}"),
                    weight,
                    tiny))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("cannot be stored as f16");
  }

  @Test
  void activationsOfSixteenBitsAreNone() {
    assertThat(Recipes.one("{method = smoothquant, activation-bits = 16}").stages())
        .noneMatch(stage -> stage instanceof Activations);
    assertThat(Recipes.one("{method = smoothquant}").columns(4, 4))
        .containsEntry("activation_bits", 8)
        .containsEntry("bits", 8);
    assertThat(Recipes.one("{method = smoothquant}").needs())
        .containsExactlyInAnyOrder(Need.STATISTICS, Need.PEERS);
    assertThat(Recipes.one("{method = zeroquant}").needs()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{method = smoothquant}; 2",
        "{method = smoothquant, channel-type = f32, bits = 4, activation-bits = 6}; 4",
        "{method = hadamard-rtn, activation-bits = 4, activation-clip = 0.9}; 0",
        "{method = hadamard-rtn, bits = 3}; 0",
        "{method = awq, bits = 3}; 2",
        "{method = zeroquant}; 0",
        "{name = all, stages = [{stage = smooth}, {stage = rotate}, {stage = activations, bits = 5},"
            + " {stage = protect, score = magnitude, keep = 99},"
            + " {stage = quantize, bits = 4, grid = gptq-sym, granularity = row}]}; 4"
      })
  void whatIsReadBackIsTheSame(String entry, int bytesPerChannel) throws IOException {
    Matrix weight = Calibrated.weight(30, 72, 1);
    Knowledge knowledge =
        TestKnowledge.of(weight, Calibrated.statistics(Calibrated.inputs(90, 72, 2)));
    CompressedMatrix written = compress(entry, weight, knowledge);
    Path path = folder.resolve("artifact.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      Artifact.write(out, written);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      CompressedMatrix read = Artifact.read(file, written.rows(), written.cols());
      assertThat(read.decode()).isEqualTo(written.decode());
      assertThat(innermost(read).rounding()).isEqualTo(innermost(written).rounding());
      assertThat(innermost(read).decode()).isEqualTo(innermost(written).decode());
      assertThat(read.bytes()).isEqualTo(written.bytes());
      long stored = file.entries().stream().mapToLong(SafetensorsHeader.Entry::bytes).sum();
      assertThat(stored).isEqualTo(written.bytes());
    }
    long transforms = written.bytes() - innermost(written).bytes();
    long rotation = entry.contains("hadamard") || entry.contains("rotate") ? 8 : 0;
    assertThat(transforms).isEqualTo(72L * bytesPerChannel + rotation);
    assertThat(innermost(written).rounding() instanceof InputRounding.PerToken)
        .isEqualTo(!entry.contains("awq") && !entry.contains("bits = 3}"));
  }

  private static CompressedMatrix innermost(CompressedMatrix matrix) {
    return matrix.parts().get(0) instanceof Rebased rebased ? innermost(rebased.inner()) : matrix;
  }

  @Test
  void clippingSearchesWithTheSecondLevelOfItsQuantizer() {
    Matrix weight = Inputs.weight(40, 24, 5);
    TestKnowledge knowledge =
        TestKnowledge.of(weight, Calibrated.statistics(Inputs.weight(90, 24, 6)));
    String clip =
        "{name = x, stages = [{stage = awq-clip, quantizer {bits = 3, grid = min-max, granularity ="
            + " \"group(8)\"%s}}, {stage = keep}]}";
    Recipe plain = Recipes.one(clip.formatted(""));
    Recipe coarse = Recipes.one(clip.formatted(", scale-bits = 2, zero-bits = 2"));
    assertThat(coarse.canonical()).isNotEqualTo(plain.canonical());
    assertThat(coarse.compress(weight, DType.F32, knowledge).decode())
        .isNotEqualTo(plain.compress(weight, DType.F32, knowledge).decode());
  }
}
