package dev.assay.checkpoint;


import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, which every Java platform must offer. */
public final class Digests {
  private static final int SAMPLES = 32;
  private static final int SAMPLE_BYTES = 256;

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

  /**
   * What stands for a file of weights: its header, length and modification stamp, and samples of
   * its contents. Checkpoints that were fine-tuned from one another have equal headers and lengths,
   * and copies lose the stamp's fraction of a second; the samples, 8 KiB spread over the file, tell
   * them apart without reading it.
   */
  static String file(String headerDigest, ByteSource source) throws IOException {
    MessageDigest digest = sha256();
    add(digest, headerDigest);
    add(digest, Long.toString(source.length()));
    add(digest, Long.toString(source.modified()));
    byte[] sample = new byte[(int) Math.min(SAMPLE_BYTES, source.length())];
    for (int i = 0; i < SAMPLES; i++) {
      long position = (source.length() - sample.length) / (SAMPLES - 1) * i;
      source.readFully(position, sample, 0, sample.length);
      digest.update(sample);
    }
    return hex(digest);
  }

  /**
   * What stands for a safetensors file, from its header, length and modification stamp and samples
   * of its contents.
   *
   * @throws dev.assay.InputException if it is no safetensors file
   */
  public static String safetensors(Folder folder, String name) throws IOException {
    try (ByteSource source = folder.open(name)) {
      return file(SafetensorsHeader.read(source).digest(), source);
    }
  }

  /**
   * What {@link Tensor#identity} holds.
   *
   * @param file as {@link #file} gives it
   */
  static String tensor(String file, String storedName, Tensor.Layout layout) {
    MessageDigest digest = sha256();
    add(digest, file);
    add(digest, storedName);
    add(digest, layout.name());
    return hex(digest);
  }

  /** Every part is closed by a NUL, so none can run over into the next. */
  private static void add(MessageDigest digest, String part) {
    digest.update(part.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
