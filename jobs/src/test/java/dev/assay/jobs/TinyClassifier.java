package dev.assay.jobs;

import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A BERT of random weights, one block 32 wide, with two classes and the tokenizer of MiniLM; and
 * texts of random words with random labels.
 */
final class TinyClassifier {
  private static final int WIDTH = 32;
  private static final int INTERMEDIATE = 64;
  private static final int VOCABULARY = 30522;
  private static final int POSITIONS = 64;
  private static final String CONFIG =
      """
      {"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
       "intermediate_size": 64, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
       "max_position_embeddings": 64, "type_vocab_size": 2, "vocab_size": 30522}
      """;

  private final Random random = new Random(11);
  private final Map<String, TensorData> tensors = new TreeMap<>();

  private TinyClassifier() {}

  /** Writes a Hugging Face folder. */
  static Path write(Path folder) throws IOException {
    TinyClassifier tiny = new TinyClassifier();
    String block = "bert.encoder.layer.0.";
    tiny.normal("bert.embeddings.word_embeddings.weight", VOCABULARY, WIDTH);
    tiny.normal("bert.embeddings.position_embeddings.weight", POSITIONS, WIDTH);
    tiny.normal("bert.embeddings.token_type_embeddings.weight", 2, WIDTH);
    tiny.norm("bert.embeddings.LayerNorm");
    for (String name : List.of("self.query", "self.key", "self.value", "output.dense")) {
      tiny.linear(block + "attention." + name, WIDTH, WIDTH);
    }
    tiny.norm(block + "attention.output.LayerNorm");
    tiny.linear(block + "intermediate.dense", INTERMEDIATE, WIDTH);
    tiny.linear(block + "output.dense", WIDTH, INTERMEDIATE);
    tiny.norm(block + "output.LayerNorm");
    tiny.linear("bert.pooler.dense", WIDTH, WIDTH);
    tiny.linear("classifier", 2, WIDTH);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Files.copy(Repository.MINILM.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    try (OutputStream out = Files.newOutputStream(folder.resolve("model.safetensors"))) {
      SafetensorsWriter.write(out, tiny.tensors, Map.of("format", "pt"));
    }
    return folder;
  }

  /** Writes a task with one text a row, as SST-2 has it. */
  static Path texts(Path folder, String file, int rows, long seed) throws IOException {
    String[] words = "a tall green river runs over old stones while nobody sings there".split(" ");
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>(List.of("sentence\tlabel"));
    for (int row = 0; row < rows; row++) {
      List<String> text = new ArrayList<>();
      for (int i = 0; i < 3 + random.nextInt(8); i++) {
        text.add(words[random.nextInt(words.length)]);
      }
      lines.add(String.join(" ", text) + "\t" + random.nextInt(2));
    }
    Files.createDirectories(folder);
    Files.write(folder.resolve(file), lines);
    return folder;
  }

  private void linear(String name, int out, int in) {
    normal(name + ".weight", out, in);
    tensors.put(name + ".bias", TensorData.of(DType.F32, new float[out], out));
  }

  private void norm(String name) {
    float[] ones = new float[WIDTH];
    Arrays.fill(ones, 1);
    tensors.put(name + ".weight", TensorData.of(DType.F32, ones, WIDTH));
    tensors.put(name + ".bias", TensorData.of(DType.F32, new float[WIDTH], WIDTH));
  }

  private void normal(String name, int rows, int cols) {
    float[] values = new float[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.3 * random.nextGaussian());
    }
    tensors.put(name, TensorData.of(DType.F32, values, rows, cols));
  }
}
