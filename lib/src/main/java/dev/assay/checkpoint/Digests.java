package dev.assay.checkpoint;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, which every Java platform must offer. */
public final class Digests {
  private Digests() {}

  /** A fresh digest. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java platform has no SHA-256", e);
    }
  }

  /** Ends the digest: 64 hexadecimal digits. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of parts in order, none of which can run over into the next. */
  static String of(Iterable<String> parts) {
    MessageDigest digest = sha256();
    parts.forEach(part -> add(digest, part));
    return hex(digest);
  }

  /** Every part is closed by a NUL, so none can run over into the next. */
  private static void add(MessageDigest digest, String part) {
    digest.update(part.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
