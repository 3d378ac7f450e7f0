package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.Tensor;
import dev.assay.export.DenseExport;
import dev.assay.family.Distances;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small models of random weights against what stock Transformers computed in float32. */
class FixtureModelsTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "llama-tied",
        "llama-untied",
        "llama-bf16-sharded",
        "llama-rope3",
        "llama-rope-linear"
      })
  void decoders(String name) throws IOException {
    Path folder = fixture(name);
    try (Model model = ModelLoader.load(new LocalFolder(folder));
        SafetensorsFile reference = reference(folder)) {
      List<TokenIds> texts = texts(reference);
      float[] logits = reference.floats("logits");
      compare(model.tokenLogits(Batch.of(texts), Tap.NONE), texts, logits);
      for (int i = 0; i < texts.size(); i++) {
        int size = logits.length / texts.size();
        float[] own = Arrays.copyOfRange(logits, i * size, (i + 1) * size);
        List<TokenIds> alone = List.of(texts.get(i));
        compare(model.tokenLogits(Batch.of(alone), Tap.NONE), alone, own);
      }
      checkInside(model, texts.get(0), reference, true);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-tied", "llama-bf16-sharded", "llama-rope3", "llama-rope-linear"})
  void keysOfEitherTransformers(String name) throws IOException {
    Path folder = fixture(name);
    boolean older = Files.exists(folder.resolve("config.v4.json"));
    Path other = folder.resolve(older ? "config.v4.json" : "config.v5.json");
    for (Path file : files(folder, ".safetensors", "index.json")) {
      Files.copy(file, directory.resolve(file.getFileName()));
    }
    Files.copy(other, directory.resolve("config.json"));
    assertThat(configuration(directory)).isEqualTo(configuration(folder));
  }

  @Test
  void aRealLlama() throws IOException {
    Path folder = SharedFiles.require("models/fixtures/stories260K");
    try (Model model = ModelLoader.load(new LocalFolder(folder));
        Tokenizer tokenizer = Tokenizer.open(new LocalFolder(folder), model.config(), 0);
        SafetensorsFile reference = reference(folder)) {
      int[] ids = Arrays.stream(reference.longs("input_ids")).mapToInt(id -> (int) id).toArray();
      assertThat(tokenizer.encode("Once upon a time").ids()).isEqualTo(Arrays.copyOf(ids, 5));
      Batch batch = Batch.of(List.of(new TokenIds(ids, new int[ids.length], false)));
      Matrix logits = model.tokenLogits(batch, Tap.NONE);
      int vocabulary = logits.cols();
      int from = (logits.rows() - 5) * vocabulary;
      close(
          Arrays.copyOfRange(logits.data(), from, logits.data().length),
          reference.floats("logits_last5"));
      long[] best = reference.longs("argmax");
      for (int row = 0; row < logits.rows(); row++) {
        int top = 0;
        for (int i = 1; i < vocabulary; i++) {
          top = logits.at(row, i) > logits.at(row, top) ? i : top;
        }
        assertThat(top).isEqualTo((int) best[row]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-untied"})
  void anExportOfEffectiveWeightsAnswersAsTheModelDoes(String name) throws IOException {
    LocalFolder source = new LocalFolder(fixture(name));
    Checkpoint checkpoint = Checkpoint.open(source);
    Map<String, Matrix> rounded = new TreeMap<>();
    List<Tensor> tensors =
        checkpoint.matrices().stream()
            .filter(tensor -> checkpoint.family().isBlockLinear(tensor.name()))
            .toList();
    for (Tensor tensor : tensors) {
      Matrix weight = Checkpoint.read(source, tensor);
      for (int i = 0; i < weight.data().length; i++) {
        weight.data()[i] = Math.round(weight.data()[i] * 8) / 8f;
      }
      rounded.put(tensor.name(), weight);
    }
    DenseExport export = DenseExport.of(source, checkpoint, tensors);
    try (OutputStream out = Files.newOutputStream(directory.resolve("model.safetensors"))) {
      export.writeWeights(out, tensor -> rounded.get(tensor.name()), Map.of());
    }
    Files.write(directory.resolve("config.json"), export.made().get("config.json"));
    Batch batch = Batch.of(List.of(new TokenIds(new int[] {5, 9, 2}, new int[3], false)));
    try (Model dense = ModelLoader.load(source);
        Model trial = Replaced.in(dense, rounded);
        Model exported = ModelLoader.load(new LocalFolder(directory))) {
      float[] answers = trial.tokenLogits(batch, Tap.NONE).data();
      assertThat(exported.tokenLogits(batch, Tap.NONE).data()).isEqualTo(answers);
      assertThat(dense.tokenLogits(batch, Tap.NONE).data()).isNotEqualTo(answers);
    }
  }

  @Test
  void roberta() throws IOException {
    Path folder = fixture("roberta-seqcls");
    try (Model model = ModelLoader.load(new LocalFolder(folder));
        SafetensorsFile reference = reference(folder)) {
      List<TokenIds> texts = texts(reference);
      assertThat(model.classes()).isEqualTo(3);
      assertThat(Classes.of(Checkpoint.open(new LocalFolder(folder)))).isEqualTo(3);
      assertThat(model.config().positions()).isEqualTo(40);
      float[] logits = flat(model.logits(Batch.of(texts)));
      close(logits, reference.floats("logits"));
      checkInside(model, texts.get(0), reference, false);
    }
  }

  @Test
  void mpnet() throws IOException {
    Path folder = fixture("mpnet");
    try (Model model = ModelLoader.load(new LocalFolder(folder));
        SafetensorsFile reference = reference(folder)) {
      List<TokenIds> texts = texts(reference);
      Batch batch = Batch.of(texts);
      int layers = model.config().layers();
      Matrix last = model.blocks(model.embed(batch), batch, 0, layers, Tap.NONE);
      compare(last, texts, reference.floats("last_hidden_state"));
      float[][] pooled = model.embeddings(batch);
      float[] expected = reference.floats("mean_pooled");
      for (int i = 0; i < pooled.length; i++) {
        int width = pooled[i].length;
        float[] mean = Arrays.copyOfRange(expected, i * width, (i + 1) * width);
        double length = 0;
        for (float value : mean) {
          length += (double) value * value;
        }
        for (int j = 0; j < width; j++) {
          mean[j] /= (float) Math.sqrt(length);
        }
        close(pooled[i], mean);
      }
      checkInside(model, texts.get(0), reference, false);
    }
  }

  @Test
  void bucketsOfDistances() throws IOException {
    String json = Files.readString(fixture("mpnet").resolve("reference.json"));
    String key = "\"bucket_of_key_minus_query_from_-47_to_47\": [";
    int from = json.indexOf(key) + key.length();
    int[] expected =
        Arrays.stream(json.substring(from, json.indexOf(']', from)).split(","))
            .mapToInt(number -> Integer.parseInt(number.strip()))
            .toArray();
    int[] buckets = new int[expected.length];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = Distances.bucket(i - 47, 32);
    }
    assertThat(buckets).isEqualTo(expected);
    assertThat(Distances.bucket(-64, 32)).isEqualTo(14);
    assertThat(Distances.bucket(128, 32)).isEqualTo(31);
    assertThat(Distances.bucket(-500, 32)).isEqualTo(15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-tied", "roberta-seqcls", "mpnet"})
  void everyLinearOfABlockCanBeReplaced(String name) throws IOException {
    Path folder = fixture(name);
    LocalFolder files = new LocalFolder(folder);
    Checkpoint checkpoint = Checkpoint.open(files);
    try (Model model = ModelLoader.load(files);
        SafetensorsFile reference = reference(folder)) {
      Batch batch = Batch.of(texts(reference));
      int layers = model.config().layers();
      Matrix dense = model.blocks(model.embed(batch), batch, 0, layers, Tap.NONE);
      Map<String, Matrix> same = new TreeMap<>();
      for (Tensor tensor : checkpoint.matrices()) {
        if (checkpoint.family().isBlockLinear(tensor.name())) {
          same.put(tensor.name(), Checkpoint.read(files, tensor));
        }
      }
      assertThat(same.size() % layers).isZero();
      assertThat(model.matrices()).containsAll(same.keySet());
      try (Model replaced = Replaced.in(model, same)) {
        Matrix again = replaced.blocks(replaced.embed(batch), batch, 0, layers, Tap.NONE);
        assertThat(again.data()).isEqualTo(dense.data());
      }
      for (Map.Entry<String, Matrix> linear : same.entrySet()) {
        Matrix weight = linear.getValue();
        Matrix zeros = Matrix.zeros(weight.rows(), weight.cols());
        try (Model replaced = Replaced.in(model, Map.of(linear.getKey(), zeros))) {
          Matrix other = replaced.blocks(replaced.embed(batch), batch, 0, layers, Tap.NONE);
          assertThat(other.data()).isNotEqualTo(dense.data());
        }
      }
    }
  }

  @Test
  void tiedEmbeddingsAreReplacedOnBothSides() throws IOException {
    Path folder = fixture("llama-tied");
    try (Model model = ModelLoader.load(new LocalFolder(folder));
        SafetensorsFile reference = reference(folder)) {
      Batch batch = Batch.of(texts(reference));
      Matrix zeros = Matrix.zeros(model.config().vocabulary(), model.config().width());
      try (Model replaced = Replaced.in(model, Map.of("model.embed_tokens.weight", zeros))) {
        assertThat(replaced.embed(batch).data()).containsOnly(0f);
        assertThat(replaced.tokenLogits(batch, Tap.NONE).data()).containsOnly(0f);
      }
    }
  }

  @Test
  void whatAModelDoesNotAnswerIsAnError() throws IOException {
    try (Model model = ModelLoader.load(new LocalFolder(fixture("gpt2")))) {
      Batch batch = Batch.of(List.of(new TokenIds(new int[] {1, 2}, new int[2], false)));
      assertThat(model.classes()).isZero();
      assertThatThrownBy(() -> model.logits(batch))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no sequence classification head");
    }
    try (Model model = ModelLoader.load(new LocalFolder(fixture("mpnet")))) {
      Batch batch = Batch.of(List.of(new TokenIds(new int[] {1, 2}, new int[2], false)));
      assertThatThrownBy(() -> model.tokenLogits(batch, Tap.NONE))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no logits of the next token");
    }
  }

  /** Hidden states between the blocks, and what enters the linears of the first. */
  private static void checkInside(
      Model model, TokenIds text, SafetensorsFile reference, boolean normed) throws IOException {
    Batch batch = Batch.of(List.of(text));
    Map<String, float[]> entered = new TreeMap<>();
    Tap tap =
        (linear, input, mask) -> {
          float[] data = new float[(int) input.numel()];
          new FloatPointer(input.contiguous().data_ptr()).get(data);
          entered.put(linear, data);
          return input;
        };
    Matrix hidden = model.embed(batch);
    int layers = model.config().layers();
    for (int i = 0; i < layers; i++) {
      close(hidden.data(), reference.floats("hidden/" + i));
      hidden = model.blocks(hidden, batch, i, i + 1, tap);
    }
    if (!normed) {
      close(hidden.data(), reference.floats("hidden/" + layers));
    }
    List<String> taps = new ArrayList<>();
    for (var entry : reference.entries()) {
      if (entry.name().startsWith("tap/") && !entry.name().startsWith("tap/classifier")) {
        String module = entry.name().substring("tap/".length());
        taps.add(module);
        assertThat(entered).containsKey(module + ".weight");
        close(entered.get(module + ".weight"), reference.floats(entry.name()));
      }
    }
    assertThat(taps).isNotEmpty();
  }

  private static Path fixture(String name) {
    return SharedFiles.require("models/fixtures/tiny/" + name);
  }

  private static SafetensorsFile reference(Path folder) throws IOException {
    return SafetensorsFile.open(folder.resolve("reference.safetensors"));
  }

  private static String configuration(Path folder) throws IOException {
    LocalFolder files = new LocalFolder(folder);
    return ModelLoader.config(files, Checkpoint.open(files)).toString();
  }

  private static List<Path> files(Path folder, String... endings) throws IOException {
    try (var all = Files.list(folder)) {
      return all.filter(
              file ->
                  file.getFileName().toString().startsWith("model")
                      && Arrays.stream(endings).anyMatch(file.toString()::endsWith))
          .toList();
    }
  }

  private static List<TokenIds> texts(SafetensorsFile reference) throws IOException {
    long[] ids = reference.longs("input_ids");
    long[] mask = reference.longs("attention_mask");
    List<Long> shape = reference.entry("input_ids").shape();
    int rows = Math.toIntExact(shape.get(0));
    int width = Math.toIntExact(shape.get(1));
    List<TokenIds> texts = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      int length = (int) Arrays.stream(mask, row * width, (row + 1) * width).sum();
      int[] own = new int[length];
      for (int i = 0; i < length; i++) {
        own[i] = (int) ids[row * width + i];
      }
      texts.add(new TokenIds(own, new int[length], false));
    }
    return texts;
  }

  /** Compares rows · tokens × width where there are tokens; the reference has zeros elsewhere. */
  private static void compare(Matrix actual, List<TokenIds> texts, float[] expected) {
    int tokens = actual.rows() / texts.size();
    int width = actual.cols();
    int stride = expected.length / texts.size();
    for (int text = 0; text < texts.size(); text++) {
      int size = texts.get(text).length() * width;
      int from = text * tokens * width;
      close(
          Arrays.copyOfRange(actual.data(), from, from + size),
          Arrays.copyOfRange(expected, text * stride, text * stride + size));
    }
  }

  private static float[] flat(float[][] rows) {
    float[] all = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, all, i * rows[0].length, rows[0].length);
    }
    return all;
  }

  /** Within 1e-4 of the reference, or of its largest entry where that is above 1. */
  private static void close(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 1;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      double difference = Math.abs(actual[i] - expected[i]);
      worst = Double.isNaN(difference) ? Double.NaN : Math.max(worst, difference);
    }
    assertThat(worst).isLessThanOrEqualTo(TOLERANCE * largest);
  }
}
