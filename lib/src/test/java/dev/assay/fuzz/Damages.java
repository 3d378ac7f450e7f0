package dev.assay.fuzz;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** How files of each format are damaged so that the damage reaches behind the first check. */
public final class Damages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> JSON_TOKENS =
      List.of("{", "}", "[", "]", "\"", ",", ":", "null", "true", "-1", "0", "1e9", "\\u0000");

  private Damages() {}

  /** Anything, anywhere. */
  public static Target.Damage bytes(String... tokens) {
    return (file, other, seed) -> new Mutator(seed, List.of(tokens)).bytes(file, other);
  }

  /** JSON: as text, as a tree, or both. */
  public static Target.Damage json(String... tokens) {
    List<String> all = Stream.concat(JSON_TOKENS.stream(), Stream.of(tokens)).toList();
    return (file, other, seed) -> json(new Mutator(seed, all), file, other);
  }

  private static byte[] json(Mutator mutator, byte[] file, byte[] other) {
    if (mutator.random().nextInt(3) == 0) {
      return mutator.bytes(file, other);
    }
    String text = new String(file, StandardCharsets.UTF_8);
    byte[] changed = new JsonMutator(mutator).change(text).getBytes(StandardCharsets.UTF_8);
    return mutator.random().nextInt(8) == 0 ? mutator.bytes(changed, other) : changed;
  }

  /** A safetensors file: anywhere, or in its header, whose length then stays true. */
  public static Target.Damage safetensors(String... tokens) {
    List<String> all = Stream.concat(JSON_TOKENS.stream(), Stream.of(tokens)).toList();
    return (file, other, seed) -> {
      Mutator mutator = new Mutator(seed, all);
      if (mutator.random().nextInt(4) == 0) {
        return mutator.bytes(file, other);
      }
      return withHeader(file, json(mutator, header(file), header(other)));
    };
  }

  /**
   * As {@link #safetensors}, and JSON within the text of a key of {@code __metadata__}.
   *
   * @param key which
   */
  public static Target.Damage metadata(String key, String... tokens) {
    Target.Damage file = safetensors(tokens);
    Target.Damage text = json(tokens);
    return (good, other, seed) -> {
      if (new Mutator(seed, JSON_TOKENS).random().nextInt(3) == 0) {
        return file.of(good, other, seed);
      }
      try {
        ObjectNode header = (ObjectNode) JSON.readTree(header(good));
        ObjectNode metadata = (ObjectNode) header.get("__metadata__");
        byte[] value = metadata.get(key).asText().getBytes(StandardCharsets.UTF_8);
        byte[] changed = text.of(value, value, seed);
        metadata.put(key, new String(changed, StandardCharsets.UTF_8));
        return withHeader(good, JSON.writeValueAsBytes(header));
      } catch (IOException e) {
        throw new IllegalArgumentException("The corpus must be safetensors files", e);
      }
    };
  }

  private static byte[] header(byte[] file) {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(file, Long.BYTES, Long.BYTES + length);
  }

  private static byte[] withHeader(byte[] file, byte[] header) {
    int data = Long.BYTES + header(file).length;
    return ByteBuffer.allocate(Long.BYTES + header.length + file.length - data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(file, data, file.length - data)
        .array();
  }
}
