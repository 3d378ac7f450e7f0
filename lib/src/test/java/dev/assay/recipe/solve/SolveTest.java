package dev.assay.recipe.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.NumericalException;
import dev.assay.linalg.Symmetric;
import dev.assay.part.Artifact;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Overlay;
import dev.assay.recipe.Counting;
import dev.assay.recipe.Inputs;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SolveTest {
  private static final String PLAIN_SPQR =
      "method = spqr, scale-bits = none, zero-bits = none, scale-type = f32, zero-type = f32,"
          + " value-type = f32, damping = 0.01, granularity = \"group(5)\"";

  private static CompressedMatrix compress(String entry, Matrix weight, Symmetric h) {
    return Recipes.one("{" + entry + "}")
        .compress(weight, DType.F32, TestKnowledge.of(weight, Inputs.of(h)));
  }

  private static Matrix effective(String entry, Matrix weight, Symmetric h) {
    return compress(entry, weight, h).decode();
  }

  private static ColumnLoop.Solved solve(String entry, Matrix weight, Symmetric h) {
    List<Stage> stages = Recipes.one("{" + entry + "}").stages();
    Solve last = (Solve) stages.get(stages.size() - 1);
    State state = State.of(weight, DType.F32);
    TestKnowledge knowledge = TestKnowledge.of(weight, Inputs.of(h));
    for (Stage stage : stages.subList(0, stages.size() - 1)) {
      state = stage.apply(state, knowledge);
    }
    Curvature curvature = Curvature.of(h, new Curvature.Key(last.damping(), last.order()));
    return new ColumnLoop(last, state, Optional.empty(), curvature).run();
  }

  private static void assertClose(Matrix actual, double[][] expected) {
    for (int row = 0; row < actual.rows(); row++) {
      for (int col = 0; col < actual.cols(); col++) {
        assertThat((double) actual.at(row, col))
            .as("[%d, %d]", row, col)
            .isCloseTo(expected[row][col], within(2e-6));
      }
    }
  }

  private static void assertSame(Matrix actual, Matrix expected) {
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.data()[i]).as("%d", i).isCloseTo(expected.data()[i], within(2e-6f));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "7, 13, 4, row, natural, updated",
    "5, 30, 3, group(8), natural, updated",
    "6, 33, 2, group(7), natural, static",
    "9, 21, 4, group(4), activation, updated",
    "4, 29, 3, group(10), activation, static",
    "1, 17, 3, group(3), activation, updated",
    "3, 1, 4, row, natural, updated",
  })
  void gptqIsTheSurgeonByTheBook(
      int rows, int cols, int bits, String granularity, String order, String groups) {
    for (int seed = 0; seed < 5; seed++) {
      Matrix weight = Inputs.weight(rows, cols, seed);
      Symmetric h = Inputs.hessian(cols, seed + 100);
      NaiveSurgeon surgeon = new NaiveSurgeon(weight, h, 0.02, order.equals("activation"));
      surgeon.bits = bits;
      surgeon.group =
          granularity.equals("row") ? 0 : Integer.parseInt(granularity.replaceAll("\\D", ""));
      surgeon.fitsOnTheWay = groups.equals("updated");
      double[][] expected = surgeon.run();
      for (int block : new int[] {1, 6, 128}) {
        String entry =
            String.format(
                Locale.ROOT,
                "method = gptq, damping = 0.02, bits = %d, granularity = \"%s\", order = %s,"
                    + " groups = %s, block = %d",
                bits,
                granularity,
                order,
                groups,
                block);
        assertClose(effective(entry, weight, h), expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.2, 1, 5})
  void spqrIsTheSurgeonByTheBook(double threshold) {
    int outliers = 0;
    for (int seed = 0; seed < 8; seed++) {
      boolean byActivation = seed % 2 == 1;
      Matrix weight = Inputs.weight(9, 23, seed);
      Symmetric h = Inputs.hessian(23, seed + 100);
      NaiveSurgeon surgeon = new NaiveSurgeon(weight, h, 0.01, byActivation);
      surgeon.bits = 3;
      surgeon.group = 5;
      surgeon.fitsOnTheWay = true;
      surgeon.minMax = true;
      surgeon.threshold = threshold;
      CompressedMatrix compressed =
          compress(
              PLAIN_SPQR
                  + ", bits = 3, block = 10, order = "
                  + (byActivation ? "activation" : "natural")
                  + ", threshold = "
                  + threshold,
              weight,
              h);
      assertClose(compressed.decode(), surgeon.run());
      outliers += compressed.parts().size() > 1 ? ((Overlay) compressed.parts().get(1)).count() : 0;
    }
    assertThat(outliers > 0).isEqualTo(threshold < 5);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 8", "0.3, 128", "0.71, 5"})
  void sparseGptIsTheSurgeonByTheBook(double sparsity, int block) {
    for (int seed = 0; seed < 5; seed++) {
      Matrix weight = Inputs.weight(6, 27, seed);
      Symmetric h = Inputs.hessian(27, seed + 100);
      for (int bits : new int[] {0, 4}) {
        NaiveSurgeon surgeon = new NaiveSurgeon(weight, h, 0.01, false);
        surgeon.sparsity = sparsity;
        surgeon.block = block;
        surgeon.bits = bits;
        String quantize = bits == 0 ? "none" : "{bits = 4, grid = gptq-asym, granularity = row}";
        Matrix effective =
            effective(
                "method = sparsegpt, sparsity = "
                    + sparsity
                    + ", block = "
                    + block
                    + ", quantize = "
                    + quantize,
                weight,
                h);
        assertClose(effective, surgeon.run());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 4, 24", "4, 8, 29", "1, 3, 20"})
  void patternsAreTheSurgeonsAndHaveTheirZeros(int zeros, int of, int cols) {
    Matrix weight = Inputs.weight(6, cols, 5);
    Symmetric h = Inputs.hessian(cols, 6);
    NaiveSurgeon surgeon = new NaiveSurgeon(weight, h, 0.01, false);
    surgeon.zeros = zeros;
    surgeon.of = of;
    Matrix effective =
        effective(
            "method = sparsegpt, sparsity = none, block = "
                + 2 * of
                + ", pattern = \""
                + zeros
                + ":"
                + of
                + "\"",
            weight,
            h);
    assertClose(effective, surgeon.run());
    for (int row = 0; row < 6; row++) {
      for (int from = 0; from + of <= cols; from += of) {
        int found = 0;
        for (int col = from; col < from + of; col++) {
          found += effective.at(row, col) == 0 ? 1 : 0;
        }
        assertThat(found).isEqualTo(zeros);
      }
      for (int col = cols / of * of; col < cols; col++) {
        assertThat(effective.at(row, col)).isNotZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "method = gptq, bits = 3",
        "method = gptq, grid = gptq-sym, granularity = tensor, clip = mse",
        "method = gptq, bits = 2, granularity = \"group(8)\", scale-type = f16, order = activation",
        "method = spqr, granularity = \"group(8)\", threshold = 0.1",
        "method = spqr, granularity = row, threshold = 1, groups = static",
        "method = spqr, granularity = tensor, scale-bits = none, zero-bits = none",
        "method = sparsegpt, block = 16",
        "method = sparsegpt, value-type = bf16, sparsity = none, pattern = \"2:4\"",
        "method = sparsegpt, quantize {bits = 3, grid = narrow-sym, granularity = \"group(9)\"}",
        "name = both, stages = [{stage = solve, prune {sparsity = 0.4}, outliers {threshold = 0.3},"
            + " quantize {bits = 3, grid = min-max, granularity = \"group(16)\"}}]",
        "name = kept, stages = [{stage = protect, score = magnitude, keep = 30, value-type = f16},"
            + " {stage = solve, quantize {bits = 3, grid = gptq-asym, granularity = row}}]",
        "name = kept, stages = [{stage = protect, score = magnitude, keep = 30},"
            + " {stage = solve, prune {pattern = \"2:4\"}}]",
      })
  void theSumOfSquaredErrorsIsTheLossOfTheDampedHessian(String entry) {
    int n = 37;
    Matrix weight = Inputs.weight(11, n, 1);
    double[] h = Inputs.hessian(n, 2).data();
    for (int i = 0; i < n; i++) {
      // A channel that never sees an input.
      h[9 * n + i] = 0;
      h[i * n + 9] = 0;
    }
    Symmetric hessian = Symmetric.of(n, h);
    ColumnLoop.Solved solved = solve(entry, weight, hessian);
    double damping = entry.contains("spqr") ? 1 : 0.01;
    Matrix effective = solved.state().result().decode();
    Matrix alive = weight.copy();
    if (entry.startsWith("name = kept")) {
      // What is protected stays even where no input reaches it.
      for (int row = 0; row < 11; row++) {
        effective.data()[row * n + 9] = 0;
      }
    }
    double expected = NaiveSurgeon.quadratic(alive, effective, hessian, damping);
    assertThat(expected).isPositive();
    assertThat(solved.loss()).isCloseTo(expected, within(2e-6 * expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"row", "group(8)", "group(5)", "tensor"})
  void withoutCorrelationGptqIsRoundToNearest(String granularity) {
    Matrix weight = Inputs.weight(12, 40, 7);
    String choice = "bits = 3, granularity = \"" + granularity + "\"";
    Matrix nearest = Recipes.effective("{method = rtn, " + choice + "}", weight);
    double[] diagonal = new double[40 * 40];
    for (int j = 0; j < 40; j++) {
      diagonal[j * 41] = 1 + j % 7;
    }
    for (Symmetric h : new Symmetric[] {Symmetric.identity(40, 17), Symmetric.of(40, diagonal)}) {
      for (int block : new int[] {1, 7, 40, 1000}) {
        assertThat(effective("method = gptq, block = " + block + ", " + choice, weight, h))
            .isEqualTo(nearest);
      }
      String static_ = "method = gptq, groups = static, order = activation, " + choice;
      assertThat(effective(static_, weight, h)).isEqualTo(nearest);
    }
  }

  @Test
  void equalActivationsKeepTheirOrder() {
    Matrix weight = Inputs.weight(6, 24, 8);
    Symmetric h = Inputs.hessian(24, 9);
    double[] d = h.diagonal();
    for (int j = 0; j < d.length; j++) {
      d[j] = 1 / Math.sqrt(d[j]);
    }
    Symmetric scaled = h.scaled(d);
    double[] exact = scaled.data().clone();
    for (int j = 0; j < d.length; j++) {
      exact[j * 25] = 1;
    }
    Symmetric correlation = Symmetric.of(24, exact);
    String entry = "method = gptq, granularity = \"group(6)\", order = ";
    assertThat(effective(entry + "activation", weight, correlation))
        .isEqualTo(effective(entry + "natural", weight, correlation));
  }

  @Test
  void theScaleOfTheHessianDoesNotMatter() {
    Matrix weight = Inputs.weight(9, 32, 8);
    Symmetric h = Inputs.hessian(32, 9);
    double[] twice = h.data().clone();
    for (int i = 0; i < twice.length; i++) {
      twice[i] *= 1024;
    }
    for (String method : new String[] {"gptq", "spqr", "sparsegpt"}) {
      assertThat(effective("method = " + method, weight, Symmetric.of(32, twice)))
          .isEqualTo(effective("method = " + method, weight, h));
    }
  }

  @Test
  void blocksChangeNothingButWhatIsPruned() {
    Matrix weight = Inputs.weight(8, 100, 3);
    Symmetric h = Inputs.hessian(100, 4);
    for (String entry :
        new String[] {
          "method = gptq, bits = 3, granularity = \"group(12)\"",
          "method = spqr, granularity = \"group(12)\", threshold = 0.5",
          "method = sparsegpt, sparsity = none, pattern = \"2:4\""
        }) {
      Matrix whole = effective(entry + ", block = 100", weight, h);
      for (int block : new int[] {4, 16, 60}) {
        assertSame(effective(entry + ", block = " + block, weight, h), whole);
      }
    }
  }

  @Test
  void anInfiniteThresholdIsGptqOnTheSameGrid() {
    Matrix weight = Inputs.weight(10, 40, 3);
    Symmetric h = Inputs.hessian(40, 4);
    String gptq =
        "method = gptq, grid = min-max, zero-type = f32, granularity = \"group(5)\","
            + " order = activation";
    assertThat(Recipes.grid("{" + PLAIN_SPQR + ", threshold = inf}", "{" + gptq + "}")).hasSize(1);
    // One so large that nothing reaches it still runs SpQR's own search.
    assertThat(effective(PLAIN_SPQR + ", threshold = 1e200", weight, h))
        .isEqualTo(effective(gptq, weight, h));
  }

  @Test
  void aThresholdOfZeroKeepsEverything() {
    Matrix weight = Inputs.weight(10, 40, 3);
    Symmetric h = Inputs.hessian(40, 4);
    assertSame(effective(PLAIN_SPQR + ", threshold = 0", weight, h), weight);
  }

  @Test
  void withoutCorrelationSparseGptIsMagnitudePruningByBlocks() {
    Matrix weight = Inputs.weight(6, 20, 3);
    Matrix effective =
        effective("method = sparsegpt, block = 10", weight, Symmetric.identity(20, 5));
    for (int from = 0; from < 20; from += 10) {
      List<Float> magnitudes = new ArrayList<>();
      for (int row = 0; row < 6; row++) {
        for (int col = from; col < from + 10; col++) {
          magnitudes.add(Math.abs(weight.at(row, col)));
        }
      }
      float cut = magnitudes.stream().sorted().toList().get(30);
      for (int row = 0; row < 6; row++) {
        for (int col = from; col < from + 10; col++) {
          float w = weight.at(row, col);
          assertThat(effective.at(row, col)).isEqualTo(Math.abs(w) <= cut ? 0 : w);
        }
      }
    }
  }

  @Test
  void whatIsSettledBeforeKeepsItsCompensatedValueOrStaysZero() {
    Matrix weight = Inputs.weight(7, 26, 3);
    Symmetric h = Inputs.hessian(26, 4);
    State state = State.of(weight, DType.F32);
    BitSet kept = new BitSet();
    BitSet pruned = new BitSet();
    for (int i = 0; i < weight.size(); i += 5) {
      (i % 2 == 0 ? kept : pruned).set(i);
    }
    NaiveSurgeon surgeon = new NaiveSurgeon(weight, h, 0.01, false);
    surgeon.bits = 3;
    surgeon.protectedEntries.or(kept);
    surgeon.prunedEntries.or(pruned);
    Stage solve = Recipes.one("{method = gptq, bits = 3, block = 8}").stages().get(0);
    CompressedMatrix compressed =
        solve
            .apply(
                state
                    .protect(kept, new Overlay(weight, kept, DType.F32, Overlay.IndexType.CSR16))
                    .prune(pruned),
                TestKnowledge.of(weight, Inputs.of(h)))
            .result();
    Matrix effective = compressed.decode();
    assertClose(effective, surgeon.run());
    pruned.stream().forEach(i -> assertThat(effective.data()[i]).isZero());
    assertThat(kept.stream().filter(i -> effective.data()[i] != weight.data()[i]).count())
        .as("values that were compensated")
        .isGreaterThan(kept.cardinality() / 2);
  }

  @Test
  void aLowRankPartBeforeIsNotTouched() {
    Matrix weight = Inputs.weight(16, 16, 3);
    Symmetric h = Inputs.hessian(16, 4);
    String factor = "{stage = factor, rank = 4, then = residual}";
    String solve = "{stage = solve, quantize {bits = 3, grid = gptq-asym, granularity = row}}";
    Recipe recipe = Recipes.one("{name = x, stages = [" + factor + "," + solve + "]}");
    TestKnowledge knowledge = TestKnowledge.of(weight, Inputs.of(h));
    CompressedMatrix compressed = recipe.compress(weight, DType.F32, knowledge);
    Matrix low = Matrix.zeros(16, 16);
    compressed.parts().get(0).applyTo(low);
    Matrix rest = weight.copy();
    for (int i = 0; i < rest.size(); i++) {
      rest.data()[i] -= low.data()[i];
    }
    NaiveSurgeon surgeon = new NaiveSurgeon(rest, h, 0.01, false);
    surgeon.bits = 3;
    double[][] expected = surgeon.run();
    for (int row = 0; row < 16; row++) {
      for (int col = 0; col < 16; col++) {
        expected[row][col] += low.at(row, col);
      }
    }
    assertClose(compressed.decode(), expected);
    // An overlay replaces the low-rank part's values too.
    Recipe kept =
        Recipes.one(
            "{name = x, stages = ["
                + factor
                + ", {stage = protect, score = magnitude, keep = 256}, "
                + solve
                + "]}");
    assertSame(kept.compress(weight, DType.F32, knowledge).decode(), weight);
  }

  @Test
  void compensationPaysOnAverage() {
    double nearest = 0;
    double gptq = 0;
    double masked = 0;
    double sparse = 0;
    for (int seed = 0; seed < 6; seed++) {
      Matrix weight = Inputs.weight(16, 48, seed);
      Symmetric h = Inputs.hessian(48, seed + 50);
      nearest +=
          NaiveSurgeon.quadratic(
              weight, Recipes.effective("{method = rtn, bits = 3}", weight), h, 0);
      gptq += NaiveSurgeon.quadratic(weight, effective("method = gptq, bits = 3", weight, h), h, 0);
      Matrix compensated = effective("method = sparsegpt", weight, h);
      sparse += NaiveSurgeon.quadratic(weight, compensated, h, 0);
      Matrix only = weight.copy();
      for (int i = 0; i < only.size(); i++) {
        only.data()[i] = compensated.data()[i] == 0 ? 0 : only.data()[i];
      }
      masked += NaiveSurgeon.quadratic(weight, only, h, 0);
    }
    assertThat(gptq).isLessThan(0.7 * nearest);
    assertThat(sparse).isLessThan(0.7 * masked);
  }

  @Test
  void theFactorizationIsMadeOnceForAllCellsOfAnInput() {
    Matrix weight = Inputs.weight(8, 16, 1);
    List<Object> made = new ArrayList<>();
    TestKnowledge inner = TestKnowledge.of(weight, Inputs.of(Inputs.hessian(16, 2)));
    Knowledge knowledge = new Counting(inner, made);
    for (NamedRecipe recipe :
        Recipes.grid(
            "{method = gptq, bits = [2, 3, 4]}",
            "{method = sparsegpt}",
            "{method = gptq, order = activation, bits = [2, 3]}")) {
      recipe.recipe().compress(weight, DType.F32, knowledge);
    }
    assertThat(made).hasSize(2);
  }

  @Test
  void raisedDampingIsNoted() {
    Matrix weight = Inputs.weight(4, 2, 1);
    List<Object> notes = new ArrayList<>();
    Symmetric indefinite = Symmetric.of(2, new double[] {1, 1.5, 1.5, 1});
    Counting knowledge =
        new Counting(TestKnowledge.of(weight, Inputs.of(indefinite)), new ArrayList<>(), notes);
    Recipes.one("{method = gptq}").compress(weight, DType.F32, knowledge);
    assertThat(notes)
        .containsExactly("Damping raised from 0.01 to 1.0 to make the Hessian positive definite");
    Symmetric damaged = Symmetric.of(2, new double[] {Double.NaN, 0, 0, 1});
    assertThatThrownBy(() -> effective("method = gptq", weight, damaged))
        .isInstanceOf(NumericalException.class)
        .hasMessageContaining("the statistics are damaged");
  }

  @Test
  void effectiveBitsOfSpqrAreCountedByHand() {
    // 32 × 48 in groups of 16: 3 groups a row, 2 shares of 16 rows.
    Matrix weight = Inputs.weight(32, 48, 1);
    CompressedMatrix compressed =
        compress("method = spqr, threshold = 0.3", weight, Inputs.hessian(48, 2));
    int outliers = ((Overlay) compressed.parts().get(1)).count();
    assertThat(outliers).isBetween(1, 500);
    long codes = 32 * 48 * 4 / 8;
    long scales = 32 * 3 * 3 / 8 + 2 * 3 * (2 + 2);
    long order = 48 * 4;
    long kept = 4L * outliers + (32 + 1) * 4;
    assertThat(compressed.bytes()).isEqualTo(codes + 2 * scales + order + kept);
    assertThat(compressed.effectiveBits())
        .isEqualTo(8.0 * (codes + 2 * scales + order + kept) / (32 * 48));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "method = gptq, granularity = \"group(9)\", order = activation, scale-type = f16",
        "method = gptq, granularity = \"group(9)\", order = activation, groups = static",
        "method = spqr, threshold = 0.3",
        "method = spqr, threshold = 0.3, zero-bits = none, index-type = i32, granularity = row",
        "method = sparsegpt",
        "method = sparsegpt, sparsity = none, pattern = \"2:4\", value-type = f16",
        "method = sparsegpt, order = activation, groups = updated,"
            + " quantize {bits = 3, grid = gptq-asym, granularity = \"group(9)\"}",
        "name = kept, stages = [{stage = protect, score = magnitude, keep = 30},"
            + " {stage = solve, prune {sparsity = 0.5}}]",
      })
  void artifactsComeBackToTheSameBits(String entry, @TempDir Path folder) throws IOException {
    Matrix weight = Inputs.weight(21, 50, 1);
    CompressedMatrix written = compress(entry, weight, Inputs.hessian(50, 2));
    Path path = folder.resolve("artifact.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      Artifact.write(out, written);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      CompressedMatrix read = Artifact.read(file, written.rows(), written.cols());
      assertThat(read.decode()).isEqualTo(written.decode());
      assertThat(read.bytes())
          .isEqualTo(written.bytes())
          .isEqualTo(file.entries().stream().mapToLong(each -> each.bytes()).sum());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{stage = solve} | nothing to do",
        "{stage = solve, prune {sparsity = 0.5, pattern = \"2:4\"}} | either sparsity or pattern",
        "{stage = solve, prune {}} | either sparsity or pattern",
        "{stage = solve, prune {sparsity = 1}} | sparsity = 1",
        "{stage = solve, prune {sparsity = -0.1}} | sparsity = -0.1",
        "{stage = solve, prune {pattern = \"2:2000\"}} | pattern = 2:2000",
        "{stage = solve, prune {pattern = \"4:4\"}} | pattern = 4:4",
        "{stage = solve, prune {pattern = \"2:4\"}, order = activation} | use order = natural",
        "{stage = solve, prune {pattern = \"2:4\"}, block = 6} | block = 6",
        "{stage = solve, prune {sparsity = 0.5}, outliers {}} | kept out of a grid",
        "{stage = solve, prune {sparsity = 0.5, value-tipe = f16}} | value-type",
        "{stage = solve, prune {sparsity = 0.5}, damping = -1} | damping = -1",
      })
  void choicesThatMeanNothingAreErrors(String stage, String message) {
    assertThatThrownBy(() -> Recipes.grid("{name = wrong, stages = [" + stage.strip() + "]}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message.strip());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{method = spqr, grid = gptq-asym} | zero-bits = 3 means nothing",
        "{method = spqr, granularity = tensor} | A tensor has one scale",
        "{method = gptq, grid = min-max} | holds codes",
        "{method = sparsegpt, value-type = f16, quantize {bits = 4, grid = gptq-sym,"
            + " granularity = row}} | value-type = f16",
        "{method = sparsegpt, pattern = \"2:4\"} | either sparsity or pattern",
        "{name = x, stages = [{stage = protect, score = magnitude, keep = 3}, {stage = solve,"
            + " quantize {bits = 4, grid = gptq-asym, granularity = row}, outliers {}}]}"
            + " | nothing can be protected before",
        "{name = x, stages = [{stage = solve, outliers {}, quantize {bits = 4, clip = mse,"
            + " grid = gptq-asym, granularity = row}}]} | use clip = absmax",
      })
  void combinationsThatMeanNothingAreErrors(String entry, String message) {
    assertThatThrownBy(() -> Recipes.grid(entry.strip()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void pruningNothingIsKeepingAll() {
    assertThat(Recipes.one("{method = sparsegpt, sparsity = 0, value-type = f16}"))
        .isEqualTo(Recipes.one("{name = kept, stages = [{stage = keep, value-type = f16}]}"));
    String quantize = "quantize {bits = 3, grid = gptq-asym, granularity = row}";
    assertThat(
            Recipes.one(
                "{name = x, stages = [{stage = solve, prune {sparsity = 0}, " + quantize + "}]}"))
        .isEqualTo(Recipes.one("{name = y, stages = [{stage = solve, " + quantize + "}]}"));
  }

  @Test
  void whatDoesNotChangeTheResultIsNotAnotherRecipe() {
    assertThat(Recipes.grid("{method = gptq, groups = [static, updated]}")).hasSize(1);
    assertThat(
            Recipes.grid(
                "{method = gptq, granularity = \"group(8)\"," + " groups = [static, updated]}"))
        .hasSize(2);
    Recipe joint =
        Recipes.one(
            "{method = sparsegpt, sparsity = none, pattern = \"2:4\","
                + " quantize {bits = 4, grid = gptq-sym, granularity = \"group(64)\"}}");
    assertThat(joint.columns(64, 64))
        .containsEntry("bits", 4)
        .containsEntry("group_size", 64)
        .containsEntry("sparsity", 0.5);
    assertThat(joint.needs()).containsExactly(Need.STATISTICS);
  }

  @Test
  void whatDoesNotFitTheMatrixIsAnError() {
    assertThatThrownBy(() -> Recipes.one("{method = spqr}").check(1, 64))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("variances over output rows");
    assertThatThrownBy(() -> Recipes.one("{method = spqr}").check(4, 1 << 17))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("csr16");
    Matrix tiny = Inputs.weight(4, 16, 1);
    for (int i = 0; i < tiny.size(); i++) {
      tiny.data()[i] = 1 + 1e-6f * i;
    }
    assertThatThrownBy(
            () ->
                effective(
                    "method = spqr, zero-bits = none, scale-type = f32",
                    tiny,
                    Inputs.hessian(16, 1)))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("A zero point of")
        .hasMessageContaining("zero-type = f32");
    // A second level that would make all of a group's scales 0.
    assertThatThrownBy(
            () -> effective("method = spqr, zero-bits = none", tiny, Inputs.hessian(16, 1)))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("A scale of")
        .hasMessageContaining("scale-type = f32");
    String pattern = "{stage = solve, prune {pattern = \"2:4\"}, damping = 0.01}";
    assertThatThrownBy(() -> Recipes.one("{name = p, stages = [" + pattern + "]}").check(4, 3))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("rows of 3");
  }
}
