package dev.assay.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Ids: SHA-256 over canonical JSON (keys sorted, no white space) of everything that determines a
 * result. Machine, back end, run and paths are not in them.
 */
public final class Ids {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private Ids() {}

  /** Canonical JSON of maps, lists, texts and numbers. */
  public static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not representable as JSON: " + value, e);
    }
  }

  /** A value for {@link #json} that is written now: for what goes into many ids. */
  static Object spelt(Object value) {
    return new RawValue(json(value));
  }

  /** SHA-256 of the canonical JSON, 64 hexadecimal digits. */
  public static String of(Map<String, ?> identity) {
    return HexFormat.of().formatHex(digest(json(identity)));
  }

  /**
   * A seed for one purpose and one weight, fixed by the user's seed alone.
   *
   * @param weight the weight's identity
   */
  public static long seed(long userSeed, String purpose, String weight) {
    Map<String, Object> identity =
        Map.of("kind", "seed", "seed", userSeed, "purpose", purpose, "weight", weight);
    return ByteBuffer.wrap(digest(json(identity))).getLong();
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
