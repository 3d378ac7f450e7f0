package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small random models against a naive forward pass in double precision. */
class TinyModelTest {
  @TempDir Path directory;

  private static List<TokenIds> texts(long seed) {
    Random random = new Random(seed);
    List<TokenIds> texts = new ArrayList<>();
    for (int length : new int[] {7, 1, TinyModel.POSITIONS, 12}) {
      int[] ids = random.ints(length, 0, TinyModel.VOCABULARY).toArray();
      int[] types = random.ints(length, 0, 2).toArray();
      texts.add(new TokenIds(ids, types, false));
    }
    return texts;
  }

  private static void assertNear(float[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(2e-5));
    }
  }

  private void assertAgrees(TinyModel tiny, NaiveEncoder naive) throws IOException {
    List<TokenIds> texts = texts(3);
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      float[][] logits = model.logits(Batch.of(texts));
      float[][] embeddings = model.embeddings(Batch.of(texts));
      float[][] first = model.embeddings(Batch.of(texts), Pooling.CLS);
      for (int i = 0; i < texts.size(); i++) {
        assertNear(logits[i], naive.logits(texts.get(i)));
        assertNear(embeddings[i], naive.embedding(texts.get(i), Pooling.MEAN));
        assertNear(first[i], naive.embedding(texts.get(i), Pooling.CLS));
        float[] alone = model.logits(Batch.of(List.of(texts.get(i))))[0];
        assertThat(alone).containsExactly(logits[i], within(1e-5f));
      }
    }
  }

  @Test
  void bertAgreesWithTheNaiveForward() throws IOException {
    TinyModel tiny = TinyModel.bert("bert.", 3, 1);
    assertAgrees(tiny, new NaiveEncoder(tiny, NaiveEncoder::gelu, 1e-5));
  }

  @Test
  void distilbertAgreesWithTheNaiveForward() throws IOException {
    TinyModel tiny = TinyModel.distilbert("distilbert.", 2, 2);
    assertAgrees(tiny, new NaiveEncoder(tiny, NaiveEncoder::gelu, 1e-12));
  }

  @Test
  void otherActivationsAndNoPrefix() throws IOException {
    TinyModel tanh = TinyModel.bert("", 1, 4).config("\"gelu\"", "\"gelu_new\"");
    assertAgrees(tanh, new NaiveEncoder(tanh, NaiveEncoder::geluTanh, 1e-5));
    TinyModel relu = TinyModel.distilbert("", 5, 5).config("\"gelu\"", "\"relu\"");
    assertAgrees(relu, new NaiveEncoder(relu, x -> Math.max(0, x), 1e-12));
  }

  @Test
  void blocksOneByOneSeeWhatTheWholeModelSees() throws IOException {
    Batch batch = Batch.of(texts(8));
    try (Model model = ModelLoader.load(TinyModel.bert("bert.", 3, 1).write(directory))) {
      InputRecorder whole = new InputRecorder(model.matrices(), batch);
      model.embeddings(batch, Pooling.MEAN, whole);
      Map<String, Matrix> parts = new TreeMap<>();
      Matrix hidden = model.embed(batch);
      for (int layer = 0; layer < 3; layer++) {
        InputRecorder part = new InputRecorder(model.matrices(), batch);
        hidden = model.blocks(hidden, batch, layer, layer + 1, part);
        parts.putAll(part.recorded());
        // What is at padding may be anything.
        hidden = batch.withPadding(batch.withoutPadding(hidden));
      }
      assertThat(parts).hasSize(18).isEqualTo(whole.recorded());
      Matrix of = hidden;
      assertThatThrownBy(() -> model.blocks(of, batch, 2, 4, Tap.NONE))
          .hasMessageContaining("No blocks 2 to 4 in 3");
    }
  }

  @Test
  void batchesAndTrialsLeaveNoMemoryBehind() throws IOException {
    String down = "bert.encoder.layer.1.output.dense.weight";
    Batch batch = Batch.of(texts(3));
    try (Model model = ModelLoader.load(TinyModel.bert("bert.", 3, 1).write(directory))) {
      repeat(model, batch, down, 300);
      long pointers = Pointer.totalCount();
      long bytes = Pointer.physicalBytes();
      repeat(model, batch, down, 3000);
      // Some 150 tensors a batch, half a megabyte: what stayed would be 450,000 and 1.5 GB.
      assertThat(Pointer.totalCount() - pointers).isLessThan(100);
      assertThat(Pointer.physicalBytes() - bytes).isLessThan(200L << 20);
    }
  }

  private static void repeat(Model model, Batch batch, String name, int times) {
    Matrix matrix = Matrix.zeros(TinyModel.WIDTH, TinyModel.INTERMEDIATE);
    for (int i = 0; i < times; i++) {
      model.logits(batch);
      if (i % 10 == 0) {
        try (Model trial = Replaced.in(model, Map.of(name, matrix))) {
          trial.embeddings(batch);
        }
      }
    }
  }

  @Test
  void aModelThatCannotBeLoadedLeavesNoMemoryBehind() throws IOException {
    LocalFolder folder = TinyModel.bert("bert.", 3, 1).remove("classifier.bias").write(directory);
    assertThatThrownBy(() -> ModelLoader.load(folder)).isInstanceOf(InputException.class);
    long pointers = Pointer.totalCount();
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> ModelLoader.load(folder)).isInstanceOf(InputException.class);
    }
    assertThat(Pointer.totalCount() - pointers).isLessThan(20);
  }

  @Test
  void headsTapAndAreReplacedToo() throws IOException {
    List<String> seen = new ArrayList<>();
    try (Model model =
        ModelLoader.load(TinyModel.distilbert("distilbert.", 2, 2).write(directory))) {
      Batch batch = Batch.of(texts(3));
      model.logits(
          batch,
          (linear, input, mask) -> {
            seen.add(linear + " " + input.dim());
            return input;
          });
      assertThat(seen).hasSize(20).endsWith("pre_classifier.weight 2", "classifier.weight 2");
      assertThat(seen.get(0)).isEqualTo("distilbert.transformer.layer.0.attention.q_lin.weight 3");
      Matrix zeros = Matrix.zeros(2, TinyModel.WIDTH);
      try (Model trial = Replaced.in(model, Map.of("classifier.weight", zeros))) {
        float[][] logits = trial.logits(batch);
        assertThat(logits[0]).isEqualTo(logits[1]);
      }
    }
  }

  @Test
  void anEncoderWithAnotherHeadEmbeds() throws IOException {
    TinyModel tiny = TinyModel.bert("bert.", 0, 1);
    tiny.add("cls.predictions.bias", 40).add("cls.predictions.transform.dense.weight", 24, 24);
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      assertThat(model.classes()).isZero();
      assertThat(model.embeddings(Batch.of(texts(3)))).hasDimensions(4, 24);
      assertThat(model.matrices()).doesNotContain("bert.pooler.dense.weight");
    }
  }

  private void assertRefused(TinyModel tiny, String... parts) throws IOException {
    LocalFolder folder = tiny.write(directory);
    assertThatThrownBy(() -> ModelLoader.load(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(parts)
        .hasMessageContaining(directory.toString());
  }

  @Test
  void tensorsThatDoNotFitAreErrors() throws IOException {
    String key = "bert.encoder.layer.1.attention.self.key";
    assertRefused(
        TinyModel.bert("bert.", 3, 1).remove(key + ".weight"),
        "Has no tensor " + key + ".weight of F32, F16 or BF16 with two dimensions",
        "The model needs it with shape [24, 24]");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).remove(key + ".bias"),
        "Has no tensor " + key + ".bias of F32, F16 or BF16 with one dimension");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).add(key + ".weight", 24, 25),
        "tensor " + key + ".weight: Has shape [24, 25] where the configuration asks for [24, 24]");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).add(key + ".bias", 23),
        "tensor " + key + ".bias: Has shape [23] where the configuration asks for [24]");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("layers\": 3", "layers\": 2"),
        "tensor bert.encoder.layer.2.attention.output.LayerNorm.bias: Has no place in the model"
            + " that config.json describes, as 15 others");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).remove("bert.embeddings.word_embeddings.weight"),
        "Has no tensor embeddings.word_embeddings.weight, under any prefix");
  }

  @Test
  void configurationsThatCannotBeRunAreErrors() throws IOException {
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("\"bert\"", "\"xlnet\""),
        "config.json: Models of type xlnet can be compressed, but not evaluated");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("\"gelu\"", "\"mish\""),
        "hidden_act = mish is not an activation that can be computed. Known are gelu, gelu_new,"
            + " gelu_pytorch_tanh, relu, silu, swish, tanh.");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("heads\": 3", "heads\": 5"),
        "hidden_size = 24 is not a multiple of num_attention_heads = 5");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("\"vocab_size\": 40", "\"vocab_size\": \"x\""),
        "vocab_size = x is not a whole number");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("\"vocab_size\": 40", "\"vocab_size\": 0"),
        "vocab_size = 0 is not positive");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("\"hidden_size\": 24, ", ""),
        "The key hidden_size is missing");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("1e-5", "-1"),
        "layer_norm_eps = -1 is not between 0 and 1");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("\"dropout\": null", "\"is_decoder\": true"),
        "is_decoder = true cannot be computed");
    assertRefused(
        TinyModel.bert("bert.", 3, 1)
            .config("\"dropout\": null", "\"position_embedding_type\": \"relative_key\""),
        "position_embedding_type = relative_key cannot be computed");
    assertRefused(
        TinyModel.bert("bert.", 3, 1)
            .config("\"dropout\": null", "\"id2label\": {\"0\": \"a\", \"1\": \"b\"}"),
        "Names 2 classes, but the head has 3 outputs");
    assertRefused(
        TinyModel.bert("bert.", 3, 1)
            .config("\"dropout\": null", "\"id2label\": {\"0\": \"a\", \"2\": \"b\"}"),
        "id2label has the keys [0, 2], not 0 to 1");
    assertRefused(
        TinyModel.bert("bert.", 3, 1).config("\"dropout\": null", "\"id2label\": {\"a\": \"0\"}"),
        "id2label has the key \"a\", not the index of a class");
  }

  @Test
  void withoutAModelTypeTheNamesTell() throws IOException {
    TinyModel tiny = TinyModel.bert("bert.", 3, 1).config("\"model_type\": \"bert\", ", "");
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      assertThat(model.config().modelType()).isEqualTo("bert");
      assertThat(model.classes()).isEqualTo(3);
    }
  }

  @Test
  void namesOfOldCheckpointsAreRead() throws IOException {
    TinyModel tiny = TinyModel.bert("bert.", 3, 1);
    float[][] logits;
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      logits = model.logits(Batch.of(texts(3)));
    }
    tiny.renameNorms();
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      assertThat(model.logits(Batch.of(texts(3)))).isDeepEqualTo(logits);
    }
  }

  @Test
  void aHeadIsWholeOrNone() throws IOException {
    TinyModel withoutPooler = TinyModel.distilbert("distilbert.", 2, 1);
    withoutPooler.remove("pre_classifier.weight").remove("pre_classifier.bias");
    LocalFolder folder = withoutPooler.write(directory);
    assertThat(Classes.of(Checkpoint.open(folder))).isZero();
    try (Model model = ModelLoader.load(folder)) {
      assertThat(model.classes()).isZero();
    }
    folder = TinyModel.bert("", 3, 1).write(directory);
    assertThat(Classes.of(Checkpoint.open(folder))).isEqualTo(3);
  }

  @Test
  void labelsAreInTheOrderOfTheLogits() throws IOException {
    TinyModel tiny =
        TinyModel.bert("bert.", 3, 1)
            .config(
                "\"dropout\": null",
                "\"id2label\": {\"2\": \"c\", \"0\": \"a\", \"1\": \"b\"},"
                    + " \"label2id\": {\"LABEL_0\": 0}");
    try (Model model = ModelLoader.load(tiny.write(directory))) {
      assertThat(model.config().labels()).containsExactly("a", "b", "c");
    }
    TinyModel unnamed =
        TinyModel.bert("bert.", 3, 1).config("\"dropout\": null", "\"num_labels\": 3");
    try (Model model = ModelLoader.load(unnamed.write(directory))) {
      assertThat(model.config().labels()).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
    }
    TinyModel beyondMemory =
        TinyModel.bert("bert.", 3, 1).config("\"dropout\": null", "\"num_labels\": 2147483647");
    LocalFolder folder = beyondMemory.write(directory);
    assertThatThrownBy(() -> ModelLoader.load(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("num_labels = 2147483647 is above 10000");
  }

  @Test
  void withoutConfigurationTheWidthMustBeKnown() throws IOException {
    LocalFolder folder = TinyModel.bert("bert.", 3, 1).write(directory);
    Files.delete(directory.resolve("config.json"));
    assertThatThrownBy(() -> ModelLoader.load(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "Has no config.json, and how many attention heads its width of 24 has cannot be told");
  }
}
