package dev.assay.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsHeader.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** {@code model.safetensors.index.json}: which shard of a checkpoint holds which tensor. */
final class ShardIndex {
  static final String FILE = "model.safetensors.index.json";
  private static final String WEIGHT_MAP = "weight_map";
  private static final String FIX = "Download the checkpoint again, all shards and the index.";

  private final String path;
  private final Map<String, String> shardOf;

  private ShardIndex(String path, Map<String, String> shardOf) {
    this.path = path;
    this.shardOf = Collections.unmodifiableMap(shardOf);
  }

  /**
   * Reads an index. Keys other than {@code weight_map} are ignored.
   *
   * @throws InputException if it is not a JSON object with a {@code weight_map} of plain file names
   */
  static ShardIndex read(ByteSource source) throws IOException {
    Map<String, String> shardOf = new LinkedHashMap<>();
    StrictJson.read(
        source,
        FIX,
        (key, value) -> {
          if (key.equals(WEIGHT_MAP)) {
            readMap(source.path(), value, shardOf);
          } else {
            value.skipChildren();
          }
        });
    if (shardOf.isEmpty()) {
      throw new InputException(source.path(), "Has no " + WEIGHT_MAP + ", or an empty one", FIX);
    }
    return new ShardIndex(source.path(), shardOf);
  }

  private static void readMap(String path, JsonParser value, Map<String, String> shardOf)
      throws IOException {
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw new InputException(
          path, WEIGHT_MAP + " is " + StrictJson.describe(value) + ", not an object", FIX);
    }
    while (value.nextToken() == JsonToken.FIELD_NAME) {
      String tensor = value.currentName();
      value.nextToken();
      String what = WEIGHT_MAP + " of " + StrictJson.shorten(tensor);
      String shard = StrictJson.string(value, path, what, FIX);
      if (!isPlainName(shard)) {
        throw new InputException(
            path,
            what + " is \"" + StrictJson.shorten(shard) + "\", which is not a plain file name",
            "A shard lies in the index's own directory; do not use this checkpoint if you did not"
                + " write it.");
      }
      shardOf.put(tensor, shard);
    }
  }

  /** A name that cannot leave the folder, on any file system and in any URI. */
  private static boolean isPlainName(String name) {
    return !name.isBlank()
        && !name.startsWith(".")
        && name.chars().allMatch(c -> c > ' ' && c != 0x7f && "/\\:*?\"<>|%#".indexOf(c) < 0);
  }

  /** Names of the shards, sorted. */
  Set<String> shards() {
    return new TreeSet<>(shardOf.values());
  }

  /**
   * Checks that every shard exists.
   *
   * @throws InputException that names the missing ones
   */
  void checkShards(List<String> files) {
    Set<String> missing = shards();
    missing.removeAll(Set.copyOf(files));
    if (!missing.isEmpty()) {
      throw new InputException(
          path,
          "Names "
              + shards().size()
              + " shards, of which "
              + missing.size()
              + " are missing: "
              + StrictJson.shorten(String.join(", ", missing)),
          FIX);
    }
  }

  /**
   * Checks that index and shards agree in both directions.
   *
   * @param headers shard to its header
   * @throws InputException that names the first tensor they disagree about
   */
  void checkTensors(Map<String, SafetensorsHeader> headers) {
    Map<String, String> unseen = new TreeMap<>(shardOf);
    List<String> unlisted = new ArrayList<>();
    for (Map.Entry<String, SafetensorsHeader> shard : headers.entrySet()) {
      for (Entry entry : shard.getValue().entries()) {
        if (!unseen.remove(entry.name(), shard.getKey())) {
          unlisted.add(entry.name() + " in " + shard.getKey());
        }
      }
    }
    if (!unseen.isEmpty()) {
      Map.Entry<String, String> first = unseen.entrySet().iterator().next();
      throw new InputException(
          path,
          "Says that "
              + first.getValue()
              + " holds tensor "
              + StrictJson.shorten(first.getKey())
              + ", which it does not ("
              + unseen.size()
              + " such tensors)",
          FIX);
    }
    if (!unlisted.isEmpty()) {
      throw new InputException(
          path,
          "Does not list tensor "
              + StrictJson.shorten(unlisted.get(0))
              + " ("
              + unlisted.size()
              + " such tensors)",
          FIX);
    }
  }
}
