package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.TensorData;
import dev.assay.export.NewClassifier;
import dev.assay.family.ModelConfig;
import dev.assay.model.Training.Head;
import dev.assay.model.Training.Learned;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of learning against a naive AdamW in double, on gradients that are checked elsewhere. */
class TrainableModelTest {
  private static final double RATE = 1e-2;
  private static final double DECAY = 0.1;

  @TempDir private Path directory;

  private static List<TokenIds> texts() {
    return List.of(
        new TokenIds(new int[] {1, 5, 9, 30}, new int[] {0, 0, 1, 1}, false),
        new TokenIds(new int[] {7, 2}, new int[] {0, 1}, false),
        new TokenIds(new int[] {3, 3, 8, 11, 20, 21}, new int[6], false));
  }

  private static List<Loss> losses() {
    return List.of(new Loss.CrossEntropy(1), new Loss.CrossEntropy(0), new Loss.CrossEntropy(1));
  }

  private static Training training(Head head, Learned learned, double dropout) {
    return new Training(2, head, learned, dropout, DECAY, 5);
  }

  private static Map<String, double[]> values(TrainableModel model) {
    Map<String, double[]> all = new TreeMap<>();
    model.parameters().forEach((name, data) -> all.put(name, numbers(data)));
    return all;
  }

  private static double[] numbers(TensorData data) {
    ByteBuffer bytes = ByteBuffer.wrap(data.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    double[] numbers = new double[data.bytes().length / Float.BYTES];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = bytes.getFloat();
    }
    return numbers;
  }

  /** Σ over examples and tokens of g·xᵀ, divided by the number of examples: every linear's. */
  private Map<String, double[]> meanGradients(TrainableModel model) {
    Set<String> linears = new TreeSet<>(model.model().matrices());
    linears.removeIf(name -> name.contains("embeddings"));
    Map<String, double[]> sums = new TreeMap<>();
    for (Map<String, TokenGradients> example :
        model.model().gradients(Batch.of(texts()), losses(), linears)) {
      example.forEach(
          (name, gradients) -> {
            Matrix x = gradients.input();
            Matrix g = gradients.gradient();
            double[] sum = sums.computeIfAbsent(name, key -> new double[g.cols() * x.cols()]);
            for (int t = 0; t < x.rows(); t++) {
              for (int i = 0; i < sum.length; i++) {
                sum[i] += (double) g.at(t, i / x.cols()) * x.at(t, i % x.cols()) / texts().size();
              }
            }
          });
    }
    return sums;
  }

  private static double norm(Iterable<double[]> all) {
    double squares = 0;
    for (double[] each : all) {
      for (double value : each) {
        squares += value * value;
      }
    }
    return Math.sqrt(squares);
  }

  /** A first step goes by lr·g/(|g| + ε), but for the decay, whatever the gradient's length. */
  @Test
  void stepsAreThoseOfAdamW() throws IOException {
    TinyModel tiny = TinyModel.bert("bert.", 2, 3);
    try (TrainableModel model =
        TrainableModel.open(tiny.write(directory), training(Head.KEPT, Learned.BLOCKS, 0))) {
      Map<String, double[]> before = values(model);
      Map<String, double[]> gradients = meanGradients(model);
      Gradient gradient = model.gradient(Batch.of(texts()), losses(), 0);
      assertThat(gradient.examples()).isEqualTo(3);
      model.step(List.of(gradient), RATE);
      Map<String, double[]> after = values(model);
      // The clip divides by the norm over all learned parameters, which is no less than this.
      double least = Math.max(1, norm(gradients.values()));
      int compared = 0;
      for (Map.Entry<String, double[]> entry : gradients.entrySet()) {
        double[] w = before.get(entry.getKey());
        double[] updated = after.get(entry.getKey());
        for (int i = 0; i < w.length; i++) {
          double g = entry.getValue()[i] / least;
          if (Math.abs(g) > 1e-4) {
            double expected = w[i] * (1 - RATE * DECAY) - RATE * g / (Math.abs(g) + 1e-8);
            assertThat(updated[i]).as(entry.getKey()).isCloseTo(expected, within(2e-5));
            compared++;
          }
        }
      }
      assertThat(compared).isGreaterThan(3000);
      assertThat(after.get("bert.embeddings.word_embeddings.weight"))
          .isEqualTo(before.get("bert.embeddings.word_embeddings.weight"));
      assertThat(after.get("bert.embeddings.LayerNorm.bias"))
          .isEqualTo(before.get("bert.embeddings.LayerNorm.bias"));
    }
  }

  /** A second step shows the moments: β = 0.9 and 0.999 with bias corrected. */
  @Test
  void momentsAreKept() throws IOException {
    TinyModel tiny = TinyModel.bert("bert.", 2, 4);
    try (TrainableModel model =
        TrainableModel.open(tiny.write(directory), training(Head.KEPT, Learned.BLOCKS, 0))) {
      String name = "classifier.weight";
      double[] first = meanGradients(model).get(name);
      Gradient one = model.gradient(Batch.of(texts()), losses(), 0);
      double[] clipped = clipped(one, first);
      model.step(List.of(one), RATE);
      double[] between = values(model).get(name);
      double[] second = meanGradients(model).get(name);
      Gradient two = model.gradient(Batch.of(texts()), losses(), 0);
      double[] clippedToo = clipped(two, second);
      model.step(List.of(two), RATE);
      double[] after = values(model).get(name);
      for (int i = 0; i < after.length; i++) {
        double m = (0.9 * 0.1 * clipped[i] + 0.1 * clippedToo[i]) / (1 - 0.81);
        double v =
            (0.999 * 0.001 * clipped[i] * clipped[i] + 0.001 * clippedToo[i] * clippedToo[i])
                / (1 - 0.999 * 0.999);
        double expected = between[i] * (1 - RATE * DECAY) - RATE * m / (Math.sqrt(v) + 1e-8);
        assertThat(after[i]).isCloseTo(expected, within(2e-5));
      }
    }
  }

  /** A tensor's gradient after all learned parameters' were divided by 3 and cut to a norm of 1. */
  private static double[] clipped(Gradient gradient, double[] mean) {
    double squares = 0;
    for (int parameter = 0; parameter < gradient.size(); parameter++) {
      double length = gradient.of(parameter).norm().item_double() / gradient.examples();
      squares += length * length;
    }
    double scale = 1 / Math.max(1, Math.sqrt(squares) + 1e-6);
    double[] cut = mean.clone();
    for (int i = 0; i < cut.length; i++) {
      cut[i] *= scale;
    }
    return cut;
  }

  @Test
  void partsOfABatchAddUpToIt() throws IOException {
    TinyModel tiny = TinyModel.distilbert("distilbert.", 2, 6);
    try (TrainableModel model =
        TrainableModel.open(tiny.write(directory), training(Head.KEPT, Learned.ALL, 0))) {
      Gradient whole = model.gradient(Batch.of(texts()), losses(), 0);
      List<Gradient> parts = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        parts.add(
            model.gradient(Batch.of(texts().subList(i, i + 1)), losses().subList(i, i + 1), 0));
      }
      assertThat(parts.stream().mapToDouble(Gradient::loss).sum())
          .isCloseTo(whole.loss(), within(1e-5));
      for (int parameter = 0; parameter < whole.size(); parameter++) {
        double difference =
            whole
                .of(parameter)
                .sub(
                    parts
                        .get(0)
                        .of(parameter)
                        .add(parts.get(1).of(parameter))
                        .add(parts.get(2).of(parameter)))
                .norm()
                .item_double();
        assertThat(difference).isLessThan(1e-4 * (1 + whole.of(parameter).norm().item_double()));
      }
      whole.close();
      parts.forEach(Gradient::close);
    }
  }

  @Test
  void whatIsDroppedDependsOnTheSeedAlone() throws IOException {
    TinyModel tiny = TinyModel.bert("", 2, 7);
    try (TrainableModel model =
        TrainableModel.open(tiny.write(directory), training(Head.KEPT, Learned.BLOCKS, 0.3))) {
      Batch batch = Batch.of(texts());
      try (Gradient one = model.gradient(batch, losses(), 1);
          Gradient again = model.gradient(batch, losses(), 1);
          Gradient other = model.gradient(batch, losses(), 2)) {
        assertThat(again.loss()).isEqualTo(one.loss());
        assertThat(other.loss()).isNotEqualTo(one.loss());
      }
      // Nothing is dropped when the model answers.
      assertThat(model.model().logits(batch)).isDeepEqualTo(model.model().logits(batch));
    }
  }

  /** A rate that drops nothing takes the path of one that does. */
  @Test
  void attentionIsTheSameWithDropoutAndWithout() throws IOException {
    TinyModel tiny = TinyModel.bert("", 2, 7);
    try (TrainableModel model =
            TrainableModel.open(tiny.write(directory), training(Head.KEPT, Learned.BLOCKS, 1e-12));
        TrainableModel without =
            TrainableModel.open(tiny.write(directory), training(Head.KEPT, Learned.BLOCKS, 0));
        Gradient dropping = model.gradient(Batch.of(texts()), losses(), 1);
        Gradient plain = without.gradient(Batch.of(texts()), losses(), 1)) {
      assertThat(dropping.loss()).isCloseTo(plain.loss(), within(1e-5));
      for (int i = 0; i < plain.size(); i++) {
        assertThat(dropping.of(i).sub(plain.of(i)).norm().item_double())
            .isLessThan(1e-4 * (1 + plain.of(i).norm().item_double()));
      }
    }
  }

  @Test
  void anEncoderGetsAHeadAndTransformersNames() throws IOException {
    TinyModel bare = TinyModel.bert("", 0, 8).remove("pooler.dense.weight");
    bare.remove("pooler.dense.bias");
    try (TrainableModel model =
        TrainableModel.open(bare.write(directory), training(Head.NEW, Learned.BLOCKS, 0))) {
      Map<String, double[]> all = values(model);
      assertThat(all).containsKeys("bert.pooler.dense.weight", "bert.embeddings.LayerNorm.weight");
      assertThat(all.get("classifier.weight")).hasSize(2 * TinyModel.WIDTH);
      assertThat(all.get("classifier.bias")).containsExactly(0, 0);
      double[] pooler = all.get("bert.pooler.dense.weight");
      double squares = 0;
      for (double value : pooler) {
        squares += value * value;
      }
      assertThat(Math.sqrt(squares / pooler.length)).isCloseTo(0.02, within(0.002));
      assertThat(model.model().classes()).isEqualTo(2);
    }
  }

  @Test
  void aHeadOfOtherClassesIsReplaced() throws IOException {
    TinyModel three = TinyModel.distilbert("distilbert.", 3, 9);
    try (TrainableModel model =
        TrainableModel.open(three.write(directory), training(Head.NEW, Learned.BLOCKS, 0))) {
      assertThat(model.model().classes()).isEqualTo(2);
      assertThat(values(model).get("pre_classifier.weight"))
          .hasSize(TinyModel.WIDTH * TinyModel.WIDTH)
          .satisfies(
              kept -> assertThat(kept[0]).isEqualTo(three.values("pre_classifier.weight")[0]));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"roberta-seqcls", "mpnet"})
  void otherEncodersLearnAndAreReadAgain(String name) throws IOException {
    LocalFolder source = new LocalFolder(SharedFiles.require("models/fixtures/tiny/" + name));
    Batch batch =
        Batch.of(
            texts().stream().map(t -> new TokenIds(t.ids(), new int[t.length()], false)).toList());
    ModelConfig config =
        ModelLoader.config(source, Checkpoint.open(source)).labelled(List.of("no", "yes"));
    // Too rare to drop anything, so that attention is only spelled out.
    double hardly = 1e-12;
    try (TrainableModel fused = TrainableModel.open(source, training(Head.NEW, Learned.BLOCKS, 0));
        TrainableModel model =
            TrainableModel.open(source, training(Head.NEW, Learned.BLOCKS, hardly))) {
      Gradient plain = fused.gradient(batch, losses(), 1);
      Gradient first = model.gradient(batch, losses(), 1);
      double before = first.loss();
      assertThat(before).isCloseTo(plain.loss(), within(1e-5));
      plain.close();
      model.step(List.of(first), 1e-3);
      for (int i = 0; i < 9; i++) {
        model.step(List.of(model.gradient(batch, losses(), i)), 1e-3);
      }
      Gradient last = model.gradient(batch, losses(), 1);
      assertThat(last.loss()).isLessThan(before / 2);
      last.close();
      NewClassifier written = new NewClassifier(source, config);
      for (Map.Entry<String, byte[]> file : written.made().entrySet()) {
        Files.write(directory.resolve(file.getKey()), file.getValue());
      }
      try (OutputStream out = Files.newOutputStream(directory.resolve("model.safetensors"))) {
        written.writeWeights(out, model.parameters());
      }
      try (Model read = ModelLoader.load(new LocalFolder(directory))) {
        assertThat(read.config().labels()).containsExactly("no", "yes");
        assertThat(read.logits(batch)).isDeepEqualTo(model.model().logits(batch));
      }
    }
  }

  @Test
  void aDecoderDoesNotLearnToClassify() throws IOException {
    LocalFolder source = new LocalFolder(SharedFiles.require("models/fixtures/tiny/gpt2"));
    assertThatThrownBy(() -> TrainableModel.open(source, training(Head.NEW, Learned.BLOCKS, 0)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Models of type gpt2 do not learn to classify here");
  }
}
