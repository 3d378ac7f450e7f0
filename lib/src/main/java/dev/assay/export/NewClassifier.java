package dev.assay.export;

import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.family.ModelConfig;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A classifier made from an encoder, as a Hugging Face directory: {@code config.json} with the
 * task's labels, {@code model.safetensors} in 32 bits, and the encoder's tokenizer.
 *
 * @param source the encoder's folder
 * @param config the classifier's shape and labels
 */
public record NewClassifier(Folder source, ModelConfig config) {
  private static final String TOKENIZER = "tokenizer.json";

  /** Of the encoder's files, those of its tokenizer; what says how it makes embeddings is not. */
  private static final Set<String> COPIED =
      Set.of(
          TOKENIZER,
          TokenizerConfig.NAME,
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.txt",
          "vocab.json",
          "merges.txt",
          "LICENSE",
          "LICENSE.txt",
          "LICENSE.md",
          "NOTICE");

  /** Files that are written anew, and their contents. */
  public Map<String, byte[]> made() throws IOException {
    Map<String, byte[]> made = new TreeMap<>();
    made.put(DenseExport.CONFIG, ConfigJson.of(config, "ForSequenceClassification", DType.F32));
    List<String> files = source.files();
    if (files.contains(TOKENIZER) && !files.contains(TokenizerConfig.NAME)) {
      made.put(
          TokenizerConfig.NAME,
          TokenizerConfig.of(tokenizer(), source.path() + "/" + TOKENIZER, config));
    }
    return made;
  }

  private byte[] tokenizer() throws IOException {
    try (ByteSource bytes = source.open(TOKENIZER)) {
      byte[] json = new byte[Math.toIntExact(bytes.length())];
      bytes.readFully(0, json, 0, json.length);
      return json;
    }
  }

  /** Names of the encoder's files that are taken over as they are. */
  public List<String> copied() throws IOException {
    return source.files().stream().filter(COPIED::contains).toList();
  }

  /**
   * Writes {@link DenseExport#WEIGHTS} to {@code out}, which stays open.
   *
   * @param parameters by the names that Transformers knows
   */
  public void writeWeights(OutputStream out, Map<String, TensorData> parameters)
      throws IOException {
    SafetensorsWriter.write(out, parameters, Map.of("format", "pt"));
  }

  /** A line of Python that loads the directory. */
  public String python(String folder, Set<String> parameters) throws IOException {
    return TransformersCall.of(made().get(DenseExport.CONFIG), List.copyOf(parameters), folder);
  }
}
