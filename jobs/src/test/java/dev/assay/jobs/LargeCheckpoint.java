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
import java.util.SplittableRandom;

/**
 * A BF16 checkpoint of true names, shapes and lengths, written one tensor at a time, or not written
 * at all: as holes behind headers, 140 GB take some hundred kilobytes of disk.
 *
 * @param modelType what config.json calls the architecture
 * @param tensors name to shape, in the order of the files
 */
record LargeCheckpoint(String modelType, Map<String, List<Integer>> tensors) {
  /**
   * The tensors of a Llama.
   *
   * @param layers blocks
   * @param hidden width of the model
   * @param intermediate width of the mlp
   * @param keys width of keys and values, less than {@code hidden} where heads share them
   * @param vocabulary rows of the embeddings
   */
  static LargeCheckpoint llama(int layers, int hidden, int intermediate, int keys, int vocabulary) {
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
    return new LargeCheckpoint("llama", tensors);
  }

  /** Bytes of all tensors. */
  long bytes() {
    return tensors.values().stream().mapToLong(LargeCheckpoint::bytes).sum();
  }

  /** Writes headers, index and config.json; the weights are holes in the files, which read as 0. */
  Path writeHoles(Path folder, int shards) throws IOException {
    return write(folder, shards, (out, count) -> out.setLength(out.getFilePointer() + 2 * count));
  }

  /** Writes all of it, with entries like normal ones of deviation 0.02. */
  Path writeRandom(Path folder, int shards, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    return write(folder, shards, (out, count) -> writeNormal(out, count, random));
  }

  /** Writes the entries of one tensor. */
  private interface Entries {
    void write(RandomAccessFile out, long count) throws IOException;
  }

  /** Sums of four uniform numbers, of which one draw gives 16 bits each. */
  private static void writeNormal(RandomAccessFile out, long count, SplittableRandom random)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < count; i++) {
      long bits = random.nextLong();
      long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
      float value = (float) ((sum - 2.0 * 0xffff) / 0xffff * Math.sqrt(3) * 0.02);
      chunk.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      if (!chunk.hasRemaining() || i == count - 1) {
        out.write(chunk.array(), 0, chunk.position());
        chunk.clear();
      }
    }
  }

  private Path write(Path folder, int shards, Entries entries) throws IOException {
    Files.createDirectories(folder);
    List<Map<String, List<Integer>>> parts = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      parts.add(new LinkedHashMap<>());
    }
    long before = 0;
    for (Map.Entry<String, List<Integer>> tensor : tensors.entrySet()) {
      parts.get((int) (before * shards / bytes())).put(tensor.getKey(), tensor.getValue());
      before += bytes(tensor.getValue());
    }
    Map<String, String> homes = new LinkedHashMap<>();
    for (int shard = 0; shard < shards; shard++) {
      String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", shard + 1, shards);
      writeShard(folder.resolve(name), parts.get(shard), entries);
      parts.get(shard).keySet().forEach(tensor -> homes.put(tensor, name));
    }
    ObjectMapper json = new ObjectMapper();
    json.writeValue(
        folder.resolve("model.safetensors.index.json").toFile(),
        Map.of("metadata", Map.of("total_size", bytes()), "weight_map", homes));
    json.writeValue(folder.resolve("config.json").toFile(), Map.of("model_type", modelType));
    return folder;
  }

  private static void writeShard(Path file, Map<String, List<Integer>> tensors, Entries entries)
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
      out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
      out.write(text);
      for (List<Integer> shape : tensors.values()) {
        out.seek(out.length());
        entries.write(out, bytes(shape) / 2);
      }
    }
  }

  private static long bytes(List<Integer> shape) {
    return 2 * shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }
}
