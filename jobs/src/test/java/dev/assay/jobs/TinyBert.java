package dev.assay.jobs;

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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A Hugging Face directory of random weights: BERT with one layer, 8 wide, 16 positions, and a
 * tokenizer that knows the letters a to h; and rows of RTE in these letters.
 */
final class TinyBert {
  private static final int WIDTH = 8;
  private static final int POSITIONS = 16;
  private static final List<String> TOKENS =
      List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "d", "e", "f", "g", "h");

  private final Random random = new Random(5);
  private final Map<String, TensorData> tensors = new TreeMap<>();

  private TinyBert() {}

  /**
   * Writes a model.
   *
   * @param labels names of the outputs of its head; none: a model of sentence embeddings
   */
  static Path write(Path directory, String... labels) throws IOException {
    TinyBert model = new TinyBert();
    model.encoder();
    return model.write(directory, List.of(labels));
  }

  /** Writes a classifier of tokens, which has no pooler. */
  static Path ofTokens(Path directory, String... labels) throws IOException {
    TinyBert model = new TinyBert();
    model.encoder();
    model.tensors.keySet().removeIf(name -> name.startsWith("pooler."));
    return model.write(directory, List.of(labels));
  }

  private Path write(Path directory, List<String> labels) throws IOException {
    if (!labels.isEmpty()) {
      linear("classifier", labels.size(), WIDTH);
    }
    Files.createDirectories(directory);
    try (OutputStream out = Files.newOutputStream(directory.resolve("model.safetensors"))) {
      SafetensorsWriter.write(out, tensors, Map.of());
    }
    String id2label =
        IntStream.range(0, labels.size())
            .mapToObj(i -> "\"%s\": \"%s\"".formatted(i, labels.get(i)))
            .collect(Collectors.joining(", "));
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
         "intermediate_size": 16, "hidden_act": "gelu", "max_position_embeddings": %s,
         "type_vocab_size": 2, "vocab_size": %s, "id2label": {%s}}
        """
            .formatted(POSITIONS, TOKENS.size(), id2label));
    return tokenizer(directory, TOKENS.size());
  }

  /** Gives the model a tokenizer of so many tokens. */
  static Path tokenizer(Path directory, int tokens) throws IOException {
    String vocabulary =
        IntStream.range(0, tokens)
            .mapToObj(i -> "\"%s\": %s".formatted(i < TOKENS.size() ? TOKENS.get(i) : "t" + i, i))
            .collect(Collectors.joining(", "));
    Files.writeString(
        directory.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
         "decoder": null,
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": {%s}}}
        """
            .formatted(vocabulary));
    return directory;
  }

  /** Writes rows of RTE, of which the last is longer than the model's positions. */
  static Path rte(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("dev.tsv"),
        """
        index\tsentence1\tsentence2\tlabel
        0\ta b c\td\tentailment
        1\ta\tb h\tnot_entailment
        2\tg f e\ta b\tentailment
        3\ta b c d e f g h a b c d\td e f g\tnot_entailment
        """);
    return directory;
  }

  /** Writes so many rows of RTE, in random letters. */
  static Path rte(Path directory, int rows) throws IOException {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder("index\tsentence1\tsentence2\tlabel\n");
    for (int row = 0; row < rows; row++) {
      String label = random.nextBoolean() ? "entailment" : "not_entailment";
      text.append(row).append('\t').append(letters(random)).append('\t').append(letters(random));
      text.append('\t').append(label).append('\n');
    }
    Files.writeString(Files.createDirectories(directory).resolve("dev.tsv"), text);
    return directory;
  }

  private static String letters(Random random) {
    return random
        .ints(1 + random.nextInt(8), 4, TOKENS.size())
        .mapToObj(TOKENS::get)
        .collect(Collectors.joining(" "));
  }

  /** Writes rows of STS-B. */
  static Path stsb(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("dev.tsv"),
        """
        sentence1\tsentence2\tscore
        a b c\ta b d\t4.5
        a\th g\t0.5
        c d\tc d\t5.0
        e f g\ta b c d\t1.25
        """);
    return directory;
  }

  private void encoder() {
    add("embeddings.word_embeddings.weight", TOKENS.size(), WIDTH);
    add("embeddings.position_embeddings.weight", POSITIONS, WIDTH);
    add("embeddings.token_type_embeddings.weight", 2, WIDTH);
    norm("embeddings.LayerNorm");
    String layer = "encoder.layer.0.";
    linear(layer + "attention.self.query", WIDTH, WIDTH);
    linear(layer + "attention.self.key", WIDTH, WIDTH);
    linear(layer + "attention.self.value", WIDTH, WIDTH);
    linear(layer + "attention.output.dense", WIDTH, WIDTH);
    norm(layer + "attention.output.LayerNorm");
    linear(layer + "intermediate.dense", 2 * WIDTH, WIDTH);
    linear(layer + "output.dense", WIDTH, 2 * WIDTH);
    norm(layer + "output.LayerNorm");
    linear("pooler.dense", WIDTH, WIDTH);
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
      data[i] = (float) random.nextGaussian();
    }
    tensors.put(name, TensorData.of(DType.F32, data, shape));
  }
}
