package dev.assay.model;

import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** A small model of random weights: 3 layers, 24 wide, 3 heads, 40 tokens, 20 positions. */
final class TinyModel {
  static final int VOCABULARY = 40;
  static final int WIDTH = 24;
  static final int INTERMEDIATE = 36;
  static final int LAYERS = 3;
  static final int HEADS = 3;
  static final int POSITIONS = 20;

  private final Map<String, float[]> values = new TreeMap<>();
  private final Map<String, long[]> shapes = new TreeMap<>();
  private final Random random;
  private final boolean distil;
  private final String prefix;
  private String config;

  private TinyModel(boolean distil, String prefix, long seed) {
    this.random = new Random(seed);
    this.distil = distil;
    this.prefix = prefix;
  }

  static TinyModel bert(String prefix, int classes, long seed) {
    TinyModel model = new TinyModel(false, prefix, seed);
    model.config =
        """
        {"model_type": "bert", "hidden_size": 24, "num_hidden_layers": 3,
         "num_attention_heads": 3, "intermediate_size": 36, "hidden_act": "gelu",
         "layer_norm_eps": 1e-5, "max_position_embeddings": 20, "type_vocab_size": 2,
         "vocab_size": 40, "dropout": null, "architectures": ["X"]}
        """;
    model.embeddings();
    model.add(prefix + "embeddings.token_type_embeddings.weight", 2, WIDTH);
    for (int i = 0; i < LAYERS; i++) {
      String layer = prefix + "encoder.layer." + i + ".";
      model.linear(layer + "attention.self.query", WIDTH, WIDTH);
      model.linear(layer + "attention.self.key", WIDTH, WIDTH);
      model.linear(layer + "attention.self.value", WIDTH, WIDTH);
      model.linear(layer + "attention.output.dense", WIDTH, WIDTH);
      model.norm(layer + "attention.output.LayerNorm");
      model.linear(layer + "intermediate.dense", INTERMEDIATE, WIDTH);
      model.linear(layer + "output.dense", WIDTH, INTERMEDIATE);
      model.norm(layer + "output.LayerNorm");
    }
    model.linear(prefix + "pooler.dense", WIDTH, WIDTH);
    if (classes > 0) {
      model.linear("classifier", classes, WIDTH);
    }
    return model;
  }

  static TinyModel distilbert(String prefix, int classes, long seed) {
    TinyModel model = new TinyModel(true, prefix, seed);
    model.config =
        """
        {"model_type": "distilbert", "dim": 24, "n_layers": 3, "n_heads": 3, "hidden_dim": 36,
         "activation": "gelu", "max_position_embeddings": 20, "vocab_size": 40}
        """;
    model.embeddings();
    for (int i = 0; i < LAYERS; i++) {
      String layer = prefix + "transformer.layer." + i + ".";
      model.linear(layer + "attention.q_lin", WIDTH, WIDTH);
      model.linear(layer + "attention.k_lin", WIDTH, WIDTH);
      model.linear(layer + "attention.v_lin", WIDTH, WIDTH);
      model.linear(layer + "attention.out_lin", WIDTH, WIDTH);
      model.norm(layer + "sa_layer_norm");
      model.linear(layer + "ffn.lin1", INTERMEDIATE, WIDTH);
      model.linear(layer + "ffn.lin2", WIDTH, INTERMEDIATE);
      model.norm(layer + "output_layer_norm");
    }
    if (classes > 0) {
      model.linear("pre_classifier", WIDTH, WIDTH);
      model.linear("classifier", classes, WIDTH);
    }
    return model;
  }

  private void embeddings() {
    add(prefix + "embeddings.word_embeddings.weight", VOCABULARY, WIDTH);
    add(prefix + "embeddings.position_embeddings.weight", POSITIONS, WIDTH);
    norm(prefix + "embeddings.LayerNorm");
  }

  private void linear(String name, int out, int in) {
    add(name + ".weight", out, in);
    add(name + ".bias", out);
  }

  private void norm(String name) {
    add(name + ".weight", WIDTH);
    add(name + ".bias", WIDTH);
  }

  TinyModel add(String name, long... shape) {
    float[] data = new float[(int) LongStream.of(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (0.4 * random.nextGaussian());
    }
    values.put(name, data);
    shapes.put(name, shape);
    return this;
  }

  TinyModel remove(String name) {
    values.remove(name);
    shapes.remove(name);
    return this;
  }

  /** Norms as checkpoints of TensorFlow's time name them. */
  TinyModel renameNorms() {
    for (String name : List.copyOf(values.keySet())) {
      if (name.contains("LayerNorm.")) {
        String old = name.replace(".weight", ".gamma").replace(".bias", ".beta");
        values.put(old, values.remove(name));
        shapes.put(old, shapes.remove(name));
      }
    }
    return this;
  }

  TinyModel config(String old, String replacement) {
    if (!config.contains(old)) {
      throw new IllegalArgumentException(old);
    }
    config = config.replace(old, replacement);
    return this;
  }

  boolean isDistil() {
    return distil;
  }

  String prefix() {
    return prefix;
  }

  float[] values(String name) {
    return values.get(name);
  }

  /** The model as a Hugging Face directory. */
  LocalFolder write(Path directory) throws IOException {
    Map<String, TensorData> tensors = new TreeMap<>();
    values.forEach(
        (name, data) -> tensors.put(name, TensorData.of(DType.F32, data, shapes.get(name))));
    try (OutputStream out = Files.newOutputStream(directory.resolve("model.safetensors"))) {
      SafetensorsWriter.write(out, tensors, Map.of());
    }
    Files.writeString(directory.resolve("config.json"), config);
    return new LocalFolder(directory);
  }
}
