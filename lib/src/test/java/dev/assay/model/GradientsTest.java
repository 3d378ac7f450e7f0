package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.calibrate.TaskLosses;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.glue.LabelMap;
import dev.assay.stats.Fisher;
import dev.assay.stats.FisherAccumulator;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gradients of small random models against central differences of a naive double forward. */
class GradientsTest {
  private static final float STEP = 1e-3f;

  @TempDir private Path directory;

  private static List<TokenIds> texts() {
    Random random = new Random(3);
    List<TokenIds> texts = new ArrayList<>();
    for (int length : new int[] {7, 1, TinyModel.POSITIONS, 12}) {
      int[] ids = random.ints(length, 0, TinyModel.VOCABULARY).toArray();
      int[] types = random.ints(length, 0, 2).toArray();
      texts.add(new TokenIds(ids, types, false));
    }
    return texts;
  }

  private static Set<String> linears(Model model) {
    Set<String> linears = new TreeSet<>(model.matrices());
    linears.removeIf(name -> name.contains("embeddings"));
    return linears;
  }

  /** Σ g·xᵀ in double. */
  private static double[][] gradient(TokenGradients gradients) {
    Matrix x = gradients.input();
    Matrix g = gradients.gradient();
    assertThat(x.rows()).isEqualTo(g.rows());
    double[][] sum = new double[g.cols()][x.cols()];
    for (int t = 0; t < x.rows(); t++) {
      for (int i = 0; i < g.cols(); i++) {
        for (int j = 0; j < x.cols(); j++) {
          sum[i][j] += (double) g.at(t, i) * x.at(t, j);
        }
      }
    }
    return sum;
  }

  /** (ℓ(w + h) − ℓ(w − h)) / 2h at an entry of a weight. */
  private static double difference(
      TinyModel tiny, String name, int entry, ToDoubleFunction<TinyModel> loss) {
    float[] values = tiny.values(name);
    float before = values[entry];
    float up = before + STEP;
    float down = before - STEP;
    values[entry] = up;
    double above = loss.applyAsDouble(tiny);
    values[entry] = down;
    double below = loss.applyAsDouble(tiny);
    values[entry] = before;
    return (above - below) / ((double) up - down);
  }

  private static double crossEntropy(double[] logits, int output) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    return Math.log(sum) - logits[output];
  }

  private interface NaiveLoss {
    double of(double[] logits, int text);
  }

  private void assertAreDifferences(
      TinyModel tiny, double epsilon, List<Loss> losses, NaiveLoss naive) throws IOException {
    List<TokenIds> texts = texts();
    NaiveEncoder forward = new NaiveEncoder(tiny, NaiveEncoder::gelu, epsilon);
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      Set<String> linears = linears(model);
      assertThat(linears).hasSize(20);
      List<Map<String, TokenGradients>> all = model.gradients(Batch.of(texts), losses, linears);
      Random random = new Random(11);
      for (int text = 0; text < texts.size(); text++) {
        TokenIds tokens = texts.get(text);
        int number = text;
        assertThat(all.get(text).keySet()).isEqualTo(linears);
        for (String name : linears) {
          double[][] gradient = gradient(all.get(text).get(name));
          int in = gradient[0].length;
          double largest = 0;
          int where = 0;
          for (int i = 0; i < gradient.length * in; i++) {
            if (Math.abs(gradient[i / in][i % in]) > largest) {
              largest = Math.abs(gradient[i / in][i % in]);
              where = i;
            }
          }
          int entries = gradient.length * in;
          for (int entry : new int[] {where, random.nextInt(entries), random.nextInt(entries)}) {
            double expected =
                difference(tiny, name, entry, changed -> naive.of(forward.logits(tokens), number));
            assertThat(gradient[entry / in][entry % in])
                .as("%s [%d, %d], text %d", name, entry / in, entry % in, text)
                .isCloseTo(expected, within(1e-3 * largest + 1e-6));
          }
        }
      }
    }
  }

  /** The outputs of the head are permuted, as in many checkpoints for MNLI. */
  @Test
  void crossEntropyOfPermutedClasses() throws IOException {
    TinyModel tiny =
        TinyModel.bert("bert.", 3, 1)
            .config(
                "\"dropout\": null",
                "\"id2label\": {\"0\": \"contradiction\", \"1\": \"entailment\","
                    + " \"2\": \"neutral\"}");
    LabelMap labels =
        LabelMap.of(
            Glue.MNLI, 3, Map.of(0, "contradiction", 1, "entailment", 2, "neutral"), "config.json");
    // entailment, neutral, contradiction are 0, 1, 2 in the data.
    List<Loss> losses =
        TaskLosses.of(labels, List.of(9.0, 0.0, 1.0, 2.0, 1.0), List.of(1, 2, 3, 4));
    int[] outputs = {1, 2, 0, 2};
    assertAreDifferences(tiny, 1e-5, losses, (logits, text) -> crossEntropy(logits, outputs[text]));
  }

  @Test
  void squaredErrorOfScores() throws IOException {
    LabelMap labels = LabelMap.of(Glue.STSB, 1, Map.of(), "config.json");
    double[] scores = {0.5, 4.25, 3, 5};
    List<Loss> losses = TaskLosses.of(labels, List.of(0.5, 4.25, 3.0, 5.0), List.of(0, 1, 2, 3));
    assertAreDifferences(
        TinyModel.distilbert("distilbert.", 1, 2),
        1e-12,
        losses,
        (logits, text) -> (logits[0] - scores[text]) * (logits[0] - scores[text]));
  }

  @Test
  void paddingAndOtherTextsDoNotMatter() throws IOException {
    List<TokenIds> texts = texts();
    List<Loss> losses = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      losses.add(new Loss.CrossEntropy(i % 3));
    }
    try (Model model = ModelLoader.load(TinyModel.bert("", 3, 7).write(directory))) {
      Set<String> linears = linears(model);
      float[][] logits = model.logits(Batch.of(texts));
      List<Map<String, TokenGradients>> together =
          model.gradients(Batch.of(texts), losses, linears);
      for (int i = 0; i < texts.size(); i++) {
        Map<String, TokenGradients> alone =
            model
                .gradients(Batch.of(texts.subList(i, i + 1)), losses.subList(i, i + 1), linears)
                .get(0);
        for (String name : linears) {
          TokenGradients expected = alone.get(name);
          TokenGradients actual = together.get(i).get(name);
          boolean pooled = name.contains("pooler") || name.contains("classifier");
          assertThat(expected.input().rows()).isEqualTo(pooled ? 1 : texts.get(i).length());
          assertThat(actual.input().data()).containsExactly(expected.input().data(), within(1e-4f));
          assertThat(actual.gradient().data())
              .containsExactly(expected.gradient().data(), within(1e-4f));
        }
      }
      assertThat(model.logits(Batch.of(texts))).isEqualTo(logits);
    }
  }

  /** What is summed over examples is the mean of squares, and the second moments of tokens. */
  @Test
  void theFisherInformationOfAModel() throws IOException {
    String name = "bert.encoder.layer.1.intermediate.dense.weight";
    TinyModel tiny = TinyModel.bert("bert.", 2, 5);
    NaiveEncoder forward = new NaiveEncoder(tiny, NaiveEncoder::gelu, 1e-5);
    FisherAccumulator accumulator = new FisherAccumulator(TinyModel.INTERMEDIATE, TinyModel.WIDTH);
    double traceIn = 0;
    double traceOut = 0;
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      for (TokenIds text : texts()) {
        TokenGradients of =
            model
                .gradients(Batch.of(List.of(text)), List.of(new Loss.CrossEntropy(1)), Set.of(name))
                .get(0)
                .get(name);
        accumulator.add(of.input(), of.gradient());
        traceIn += of.input().squaredNorm();
        traceOut += of.gradient().squaredNorm();
      }
    }
    Fisher fisher = accumulator.finish();
    assertThat(fisher.examples()).isEqualTo(4);
    assertThat(sum(fisher.input().diagonal())).isCloseTo(traceIn, within(1e-9 * traceIn));
    assertThat(sum(fisher.output().diagonal())).isCloseTo(traceOut, within(1e-9 * traceOut));
    Random random = new Random(2);
    double mean = sum(fisher.rowSums()) / fisher.diagonal().size();
    for (int k = 0; k < 8; k++) {
      int entry = random.nextInt(fisher.diagonal().size());
      double expected = 0;
      for (TokenIds text : texts()) {
        double gradient =
            difference(tiny, name, entry, changed -> crossEntropy(forward.logits(text), 1));
        expected += gradient * gradient / 4;
      }
      assertThat((double) fisher.diagonal().data()[entry])
          .isCloseTo(expected, within(2e-3 * (expected + mean)));
    }
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  @Test
  void nothingIsLeftBehind() throws IOException {
    Batch batch = Batch.of(texts());
    List<Loss> losses = List.of(one(), one(), one(), one());
    try (Model model = ModelLoader.load(TinyModel.bert("bert.", 3, 1).write(directory))) {
      Set<String> linears = linears(model);
      for (int i = 0; i < 20; i++) {
        model.gradients(batch, losses, linears);
      }
      long pointers = Pointer.totalCount();
      long bytes = Pointer.physicalBytes();
      for (int i = 0; i < 100; i++) {
        model.gradients(batch, losses, linears);
      }
      // Some 200 tensors a batch, a megabyte: what stayed would be 20,000 and 100 MB.
      assertThat(Pointer.totalCount() - pointers).isLessThan(100);
      assertThat(Pointer.physicalBytes() - bytes).isLessThan(50L << 20);
    }
  }

  private static Loss one() {
    return new Loss.CrossEntropy(1);
  }

  @Test
  void whatCannotBeDifferentiatedIsRefused() throws IOException {
    Batch batch = Batch.of(texts().subList(0, 1));
    try (Model model = ModelLoader.load(TinyModel.bert("bert.", 3, 1).write(directory))) {
      assertThatThrownBy(() -> model.gradients(batch, List.of(), linears(model)))
          .hasMessageContaining("0 losses for 1 texts");
      String table = "bert.embeddings.word_embeddings.weight";
      assertThatThrownBy(() -> model.gradients(batch, List.of(one()), Set.of(table)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(table);
    }
    try (Model model = ModelLoader.load(TinyModel.bert("bert.", 0, 1).write(directory))) {
      assertThatThrownBy(() -> model.gradients(batch, List.of(one()), Set.of()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no sequence classification head");
    }
  }
}
