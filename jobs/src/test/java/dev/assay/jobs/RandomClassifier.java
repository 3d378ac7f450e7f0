package dev.assay.jobs;

import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** A BERT of random weights that classifies: 3 layers, 16 wide, with all-MiniLM-L6-v2's tokens. */
final class RandomClassifier {
  private static final int WIDTH = 16;

  private final Map<String, TensorData> tensors = new TreeMap<>();
  private final Random random = new Random(4);

  private RandomClassifier() {}

  /**
   * Writes the model.
   *
   * @param id2label as {@code config.json} has it; its entries are the head's outputs
   */
  static Path write(Path directory, int outputs, String id2label) throws IOException {
    RandomClassifier model = new RandomClassifier();
    model.add("bert.embeddings.word_embeddings.weight", 30522, WIDTH);
    model.add("bert.embeddings.position_embeddings.weight", 64, WIDTH);
    model.add("bert.embeddings.token_type_embeddings.weight", 2, WIDTH);
    model.norm("bert.embeddings.LayerNorm");
    for (int i = 0; i < 3; i++) {
      String layer = "bert.encoder.layer." + i + ".";
      model.linear(layer + "attention.self.query", WIDTH, WIDTH);
      model.linear(layer + "attention.self.key", WIDTH, WIDTH);
      model.linear(layer + "attention.self.value", WIDTH, WIDTH);
      model.linear(layer + "attention.output.dense", WIDTH, WIDTH);
      model.norm(layer + "attention.output.LayerNorm");
      model.linear(layer + "intermediate.dense", 2 * WIDTH, WIDTH);
      model.linear(layer + "output.dense", WIDTH, 2 * WIDTH);
      model.norm(layer + "output.LayerNorm");
    }
    model.linear("bert.pooler.dense", WIDTH, WIDTH);
    model.linear("classifier", outputs, WIDTH);
    Files.createDirectories(directory);
    try (OutputStream out = Files.newOutputStream(directory.resolve("model.safetensors"))) {
      SafetensorsWriter.write(out, model.tensors, Map.of());
    }
    Files.copy(Repository.MINILM.resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"model_type": "bert", "hidden_size": 16, "num_hidden_layers": 3,
         "num_attention_heads": 2, "intermediate_size": 32, "hidden_act": "gelu",
         "layer_norm_eps": 1e-5, "max_position_embeddings": 64, "type_vocab_size": 2,
         "vocab_size": 30522, "id2label": %s}
        """
            .formatted(id2label));
    return directory;
  }

  private void linear(String name, int out, int in) {
    add(name + ".weight", out, in);
    add(name + ".bias", out);
  }

  private void norm(String name) {
    add(name + ".weight", WIDTH);
    add(name + ".bias", WIDTH);
  }

  private void add(String name, long... shape) {
    float[] data = new float[(int) LongStream.of(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (0.4 * random.nextGaussian());
    }
    tensors.put(name, TensorData.of(DType.F32, data, shape));
  }
}
