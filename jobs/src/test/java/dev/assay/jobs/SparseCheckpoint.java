package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A BF16 checkpoint of true names, shapes and lengths whose weights were never written: its files
 * are holes behind their headers, so that 140 GB take a few hundred kilobytes of disk.
 *
 * @param modelType what config.json calls the architecture
 * @param tensors name to shape, in the order of the files
 */
record SparseCheckpoint(String modelType, Map<String, List<Integer>> tensors) {
  /**
   * The tensors of a Llama.
   *
   * @param layers blocks
   * @param hidden width of the model
   * @param intermediate width of the mlp
   * @param keys width of keys and values, less than {@code hidden} where heads share them
   * @param vocabulary rows of the embeddings
   */
  static SparseCheckpoint llama(
      int layers, int hidden, int intermediate, int keys, int vocabulary) {
    Map<String, List<Integer>> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", List.of(vocabulary, hidden));
    for (int layer = 0; layer < layers; layer++) {
      String block = "model.layers." + layer + ".";
      tensors.put(block + "input_layernorm.weight", List.of(hidden));
      tensors.put(block + "self_attn.q_proj.weight", List.of(hidden, hidden));
      tensors.put(block + "self_attn.k_proj.weight", List.of(keys, hidden));
      tensors.put(block + "self_attn.v_proj.weight", List.of(keys, hidden));
      tensors.put(block + "self_attn.o_proj.weight", List.of(hidden, hidden));
      tensors.put(block + "post_attention_layernorm.weight", List.of(hidden));
      tensors.put(block + "mlp.gate_proj.weight", List.of(intermediate, hidden));
      tensors.put(block + "mlp.up_proj.weight", List.of(intermediate, hidden));
      tensors.put(block + "mlp.down_proj.weight", List.of(hidden, intermediate));
    }
    tensors.put("model.norm.weight", List.of(hidden));
    tensors.put("lm_head.weight", List.of(vocabulary, hidden));
    return new SparseCheckpoint("llama", tensors);
  }

  /** Bytes of all tensors. */
  long bytes() {
    return tensors.values().stream().mapToLong(SparseCheckpoint::bytes).sum();
  }

  /** Writes it as {@code shards} files of about one size, their index and config.json. */
  Path write(Path folder, int shards) throws IOException {
    Files.createDirectories(folder);
    List<Map<String, List<Integer>>> parts = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      parts.add(new LinkedHashMap<>());
    }
    long before = 0;
    for (Map.Entry<String, List<Integer>> tensor : tensors.entrySet()) {
      parts
          .get((int) (before * shards / bytes()))
          .put(tensor.getKey(), tensor.getValue());
      before += bytes(tensor.getValue());
    }
    Map<String, String> homes = new LinkedHashMap<>();
    for (int shard = 0; shard < shards; shard++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", shard + 1, shards);
      writeShard(folder.resolve(name), parts.get(shard));
      parts.get(shard).keySet().forEach(tensor -> homes.put(tensor, name));
    }
    ObjectMapper json = new ObjectMapper();
    json.writeValue(
        folder.resolve("model.safetensors.index.json").toFile(),
        Map.of("metadata", Map.of("total_size", bytes()), "weight_map", homes));
    json.writeValue(folder.resolve("config.json").toFile(), Map.of("model_type", modelType));
    return folder;
  }

  private static void writeShard(Path file, Map<String, List<Integer>> tensors)
      throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    long at = 0;
    for (Map.Entry<String, List<Integer>> tensor : tensors.entrySet()) {
      long end = at + bytes(tensor.getValue());
      header.put(
          tensor.getKey(),
          Map.of("dtype", "BF16", "shape", tensor.getValue(), "data_offsets", List.of(at, end)));
      at = end;
    }
    byte[] text = new ObjectMapper().writeValueAsString(header).getBytes(UTF_8);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
      out.write(text);
      out.setLength(8 + text.length + at);
    }
  }

  private static long bytes(List<Integer> shape) {
    return 2 * shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }
}
