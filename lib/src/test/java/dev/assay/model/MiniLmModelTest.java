package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.RealWeights;
import dev.assay.family.Activation;
import dev.assay.family.ModelConfig;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The quickstart's model, all-MiniLM-L6-v2 from its ONNX export. */
class MiniLmModelTest {
  private static final String QUERY = "encoder.layer.2.attention.self.query.weight";
  private static final String DOWN = "encoder.layer.3.output.dense.weight";

  private static Model model;
  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() throws IOException {
    model = ModelLoader.load(RealWeights.folder());
    tokenizer = Tokenizer.open(RealWeights.folder(), model.config(), 0);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
    model.close();
  }

  private record Golden(String first, String second, int length, int[] ids, float[] embedding) {}

  /** See minilm-embeddings.py, beside the file. */
  private static List<Golden> goldens() throws IOException {
    List<Golden> goldens = new ArrayList<>();
    try (InputStream in =
        Objects.requireNonNull(
            MiniLmModelTest.class.getResourceAsStream("minilm-embeddings.tsv"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.split("\n")) {
        String[] fields = line.split("\t", -1);
        String[] values = fields[4].split(" ");
        float[] embedding = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          embedding[i] = Float.parseFloat(values[i]);
        }
        int[] ids = Arrays.stream(fields[3].split(" ")).mapToInt(Integer::parseInt).toArray();
        goldens.add(new Golden(fields[0], fields[1], Integer.parseInt(fields[2]), ids, embedding));
      }
    }
    return goldens;
  }

  private static Batch batch(String... texts) {
    return Batch.of(Arrays.stream(texts).map(tokenizer::encode).toList());
  }

  private static TokenIds encode(Golden golden, Tokenizer tokenizer) {
    return golden.second().isEmpty()
        ? tokenizer.encode(golden.first())
        : tokenizer.encode(golden.first(), golden.second());
  }

  @Test
  void configurationComesFromTheTensorsShapes() {
    assertThat(model.config())
        .isEqualTo(
            ModelConfig.encoder(
                "bert", 30522, 384, 6, 12, 1536, 512, 2, 1e-12, Activation.GELU, List.of()));
    assertThat(model.matrices()).hasSize(39).contains(QUERY, DOWN);
    assertThat(model.classes()).isZero();
  }

  @Test
  void tokensAndEmbeddingsAreThoseOfHuggingFaceAndOnnxRuntime() throws IOException {
    for (Golden golden : goldens()) {
      try (Tokenizer own = Tokenizer.open(RealWeights.folder(), model.config(), golden.length())) {
        TokenIds tokens = encode(golden, own);
        assertThat(tokens.ids()).as(golden.first()).isEqualTo(golden.ids());
        assertThat(tokens.truncated()).isEqualTo(golden.length() == golden.ids().length);
        float[] embedding = model.embeddings(Batch.of(List.of(tokens)))[0];
        assertThat(embedding).as(golden.first()).containsExactly(golden.embedding(), within(2e-6f));
      }
    }
  }

  @Test
  void paddingChangesNothing() throws IOException {
    List<TokenIds> texts = goldens().stream().map(golden -> encode(golden, tokenizer)).toList();
    Batch together = Batch.of(texts);
    assertThat(together.tokens()).isEqualTo(512);
    float[][] embeddings = model.embeddings(together);
    for (int i = 0; i < texts.size(); i++) {
      float[] alone = model.embeddings(Batch.of(List.of(texts.get(i))))[0];
      assertThat(embeddings[i]).containsExactly(alone, within(1e-5f));
    }
  }

  @Test
  void anOverlayOfTheSameWeightsGivesTheSameBits() {
    Batch batch = batch("A man is playing a guitar.", "Not a guitar in sight.");
    Map<String, Matrix> all = new TreeMap<>();
    model.matrices().forEach(name -> all.put(name, RealWeights.matrix(name)));
    try (Model trial = Replaced.in(model, all)) {
      assertThat(trial.embeddings(batch)).isDeepEqualTo(model.embeddings(batch));
    }
  }

  @Test
  void everyMatrixTakesPart() {
    Batch batch = batch("A man is playing a guitar.");
    float[] dense = model.embeddings(batch)[0];
    for (String name : model.matrices()) {
      Matrix weight = RealWeights.matrix(name);
      try (Model trial =
          Replaced.in(model, Map.of(name, Matrix.zeros(weight.rows(), weight.cols())))) {
        assertThat(trial.embeddings(batch)[0]).as(name).isNotEqualTo(dense);
      }
    }
    assertThat(model.embeddings(batch)[0]).isEqualTo(dense);
  }

  @Test
  void aChainIsItsProduct() {
    Matrix weight = RealWeights.matrix(DOWN);
    // W = [W₁ W₂]·I, cut along the input into W₁·P₁ + … is no chain; a permutation there and back
    // is.
    Matrix reversal = Matrix.zeros(weight.cols(), weight.cols());
    Matrix reversed = Matrix.zeros(weight.rows(), weight.cols());
    for (int col = 0; col < weight.cols(); col++) {
      reversal.data()[col * weight.cols() + weight.cols() - 1 - col] = 1;
      for (int row = 0; row < weight.rows(); row++) {
        reversed.data()[row * weight.cols() + weight.cols() - 1 - col] = weight.at(row, col);
      }
    }
    Batch batch = batch("A man is playing a guitar.", "x");
    float[][] dense = model.embeddings(batch);
    try (Model trial = model.with(Map.of(DOWN, List.of(Link.of(reversal), Link.of(reversed))))) {
      float[][] chained = trial.embeddings(batch);
      assertThat(chained[0]).containsExactly(dense[0], within(1e-6f));
      assertThat(chained[1]).containsExactly(dense[1], within(1e-6f));
    }
    ActivationQuantizer negate =
        input -> {
          try (Scalar minus = new Scalar(-1.0f)) {
            return input.mul(minus);
          }
        };
    try (Model once =
            model.with(Map.of(DOWN, List.of(Link.of(reversal), new Link(reversed, negate))));
        Model twice =
            model.with(
                Map.of(DOWN, List.of(new Link(reversal, negate), new Link(reversed, negate))))) {
      assertThat(twice.embeddings(batch)[0]).containsExactly(dense[0], within(1e-6f));
      assertThat(once.embeddings(batch)[0]).isNotEqualTo(dense[0]);
    }
  }

  @Test
  void tapsSeeTheInputOfEveryLinearAndMayOverwriteIt() {
    Batch batch = batch("A man is playing a guitar.", "x");
    float[][] dense = model.embeddings(batch);
    Map<String, List<Long>> seen = new TreeMap<>();
    float[][] tapped =
        model.embeddings(
            batch,
            Pooling.MEAN,
            (linear, input, mask) -> {
              assertThat(mask.shape()).containsExactly(2, batch.tokens());
              assertThat(mask.sum().item_long()).isEqualTo(9 + 3);
              seen.put(linear, Arrays.stream(input.shape()).boxed().toList());
              return input;
            });
    assertThat(tapped).isDeepEqualTo(dense);
    assertThat(seen).hasSize(36);
    assertThat(seen).containsEntry(QUERY, List.of(2L, 9L, 384L));
    assertThat(seen).containsEntry(DOWN, List.of(2L, 9L, 1536L));

    float[][] overwritten =
        model.embeddings(
            batch,
            Pooling.MEAN,
            (linear, input, mask) -> linear.equals(DOWN) ? input.sub(input) : input);
    try (Model zeroed = Replaced.in(model, Map.of(DOWN, Matrix.zeros(384, 1536)))) {
      assertThat(overwritten).isDeepEqualTo(zeroed.embeddings(batch));
    }
  }

  @Test
  void threadsComputeTheSameBits() throws Exception {
    List<Batch> batches =
        List.of(
            batch("A man is playing a guitar.", "x"),
            batch("The bank raised its rates."),
            batch("a b c", "Someone plays an instrument on stage, loudly!", "y z"));
    List<float[][]> expected = batches.stream().map(model::embeddings).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Model trial = Replaced.in(model, Map.of(DOWN, RealWeights.matrix(DOWN)))) {
      List<Future<float[][]>> results = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        Model encoder = i % 2 == 0 ? model : trial;
        Batch batch = batches.get(i % 3);
        results.add(threads.submit(() -> encoder.embeddings(batch)));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isDeepEqualTo(expected.get(i % 3));
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aClosedModelSaysSoAndItsTrialsLiveOn() throws IOException {
    Model dense = ModelLoader.load(RealWeights.folder());
    Model trial = Replaced.in(dense, Map.of(QUERY, RealWeights.matrix(QUERY)));
    Batch batch = batch("A man is playing a guitar.");
    dense.close();
    dense.close();
    assertThat(trial.embeddings(batch)).isDeepEqualTo(model.embeddings(batch));
    trial.close();
    assertThatThrownBy(() -> dense.embeddings(batch))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The model is closed");
    assertThatThrownBy(() -> trial.with(Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The model is closed");
  }

  @Test
  void overlaysThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> Replaced.in(model, Map.of("encoder.x.weight", Matrix.zeros(1, 1))))
        .hasMessage("The model computes with no matrix encoder.x.weight");
    assertThatThrownBy(() -> Replaced.in(model, Map.of(DOWN, Matrix.zeros(1536, 384))))
        .hasMessage(DOWN + ": a matrix of 1536 × 384 cannot take an input of 1536");
    assertThatThrownBy(() -> Replaced.in(model, Map.of(DOWN, Matrix.zeros(383, 1536))))
        .hasMessage(DOWN + " needs 384 × 1536, but its 1 matrices make 383 × 1536");
    assertThatThrownBy(() -> model.with(Map.of(DOWN, List.of())))
        .hasMessage(DOWN + " needs 384 × 1536, but its 0 matrices make 1536 × 1536");
    Link identity = Link.of(Matrix.zeros(384, 384));
    String words = "embeddings.word_embeddings.weight";
    assertThatThrownBy(() -> model.with(Map.of(words, List.of(identity, identity))))
        .hasMessage(words + " is a table and takes one matrix, not a chain of 2");
  }

  @Test
  void batchesThatDoNotFitAreRefused() {
    Batch unknown = new Batch(1, 1, new long[] {30522}, new long[1], new boolean[] {true});
    assertThatThrownBy(() -> model.embeddings(unknown))
        .hasMessage("Token 30522 is not in the vocabulary of 30522");
    Batch type = new Batch(1, 1, new long[] {101}, new long[] {2}, new boolean[] {true});
    assertThatThrownBy(() -> model.embeddings(type)).hasMessage("Token type 2 of a model with 2");
    Batch tooLong = new Batch(1, 513, new long[513], new long[513], new boolean[513]);
    assertThatThrownBy(() -> model.embeddings(tooLong))
        .hasMessage("A text of 513 tokens exceeds the 512 positions of the model");
    assertThatThrownBy(() -> Batch.of(List.of())).hasMessage("A batch needs a text");
    assertThatThrownBy(() -> model.logits(batch("x")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("The model has no sequence classification head");
  }
}
