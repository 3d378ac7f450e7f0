package dev.assay.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.assay.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The header of a safetensors file, checked by every rule of the reference implementation
 * (safetensors/src/tensor.rs, {@code read_metadata} and {@code validate}).
 *
 * <p>Two rules are stricter than its code: the header begins with <code>{</code>, as the format's
 * description demands, and a tensor has at most {@value #MAX_RANK} dimensions, which no framework
 * exceeds. A key given twice, which the reference silently resolves, is an error.
 *
 * <p>Reading costs one pass over the header; memory is proportional to its entries.
 */
public final class SafetensorsHeader {
  /** The longest header the reference implementation reads. */
  public static final long MAX_HEADER = 100_000_000;

  /** The most dimensions a tensor may have: that of PyTorch and NumPy. */
  public static final int MAX_RANK = 64;

  static final int PREFIX = 8;
  static final String METADATA = "__metadata__";
  private static final String FIX =
      "Download the file again, or write it again with the safetensors library.";

  /**
   * A tensor of the file.
   *
   * @param name its name
   * @param type type of its elements
   * @param shape its dimensions, outermost first; empty for a scalar; a dimension may be 0
   * @param begin absolute byte position of its first element in the file
   * @param end absolute byte position behind its last element
   */
  public record Entry(String name, ElementType type, List<Long> shape, long begin, long end) {
    public Entry {
      shape = List.copyOf(shape);
    }

    /** Number of bytes in the file. */
    public long bytes() {
      return end - begin;
    }

    /** Number of elements: the product of the shape. */
    public long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }
  }

  private final List<Entry> entries;
  private final Map<String, String> metadata;
  private final String digest;

  private SafetensorsHeader(List<Entry> entries, Map<String, String> metadata, String digest) {
    this.entries = List.copyOf(entries);
    this.metadata = Collections.unmodifiableMap(metadata);
    this.digest = digest;
  }

  /** The tensors, in the order of their bytes. */
  public List<Entry> entries() {
    return entries;
  }

  /** The file's {@code __metadata__}, empty where it has none. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** SHA-256 of the header's bytes, in hexadecimal. */
  public String digest() {
    return digest;
  }

  /**
   * Reads and checks the header of {@code source}.
   *
   * @throws InputException if the file breaks a rule of the format; names file, tensor and value
   */
  public static SafetensorsHeader read(ByteSource source) throws IOException {
    long length = headerLength(source);
    MessageDigest digest = Digests.sha256();
    List<Entry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    long dataStart = PREFIX + length;
    StrictJson.read(
        new DigestInputStream(new RangeInputStream(source, PREFIX, length), digest),
        source.path(),
        FIX,
        (key, value) -> {
          if (key.equals(METADATA)) {
            readMetadata(source, value, metadata);
          } else {
            entries.add(readEntry(source, key, value, dataStart));
          }
        });
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    checkLayout(source, entries, dataStart);
    return new SafetensorsHeader(entries, metadata, Digests.hex(digest));
  }

  private static long headerLength(ByteSource source) throws IOException {
    if (source.length() < PREFIX) {
      throw bad(
          source,
          "Has "
              + source.length()
              + " bytes; a safetensors file begins with 8 bytes that give its header's length");
    }
    int available = (int) Math.min(PREFIX + 1L, source.length());
    byte[] start = new byte[available];
    source.readFully(0, start, 0, available);
    long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > MAX_HEADER) {
      if (Pickle.hasMagic(start)) {
        throw Pickle.refusal(source.path());
      }
      if (new String(start, StandardCharsets.ISO_8859_1).startsWith("version ")) {
        throw new InputException(
            source.path(), "Is a Git LFS pointer, not the file itself", "Run `git lfs pull`.");
      }
      throw bad(
          source,
          "Header length is "
              + Long.toUnsignedString(length)
              + " bytes; the limit is "
              + MAX_HEADER);
    }
    if (length > source.length() - PREFIX) {
      throw bad(
          source,
          "Header length is " + length + " bytes, but the file has only " + source.length());
    }
    if (length == 0) {
      throw bad(source, "Header length is 0 bytes");
    }
    if (start[PREFIX] != '{') {
      throw bad(
          source,
          String.format(Locale.ROOT, "Header begins with byte 0x%02x, not with {", start[PREFIX]));
    }
    return length;
  }

  private static void readMetadata(
      ByteSource source, JsonParser value, Map<String, String> metadata) throws IOException {
    if (value.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw bad(source, METADATA + " is " + StrictJson.describe(value) + ", not an object");
    }
    while (value.nextToken() == JsonToken.FIELD_NAME) {
      String key = StrictJson.whole(value.currentName(), source.path(), METADATA, FIX);
      value.nextToken();
      String what = METADATA + " \"" + StrictJson.shorten(key) + '"';
      metadata.put(key, StrictJson.string(value, source.path(), what, FIX));
    }
  }

  private static Entry readEntry(ByteSource source, String name, JsonParser value, long dataStart)
      throws IOException {
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw bad(source, name, "Is " + StrictJson.describe(value) + ", not an object");
    }
    String dtype = "";
    List<Long> shape = null;
    List<Long> offsets = null;
    while (value.nextToken() == JsonToken.FIELD_NAME) {
      String key = value.currentName();
      value.nextToken();
      switch (key) {
        case "dtype" -> dtype = StrictJson.string(value, where(source, name), "dtype", FIX);
        case "shape" -> shape = readSizes(source, name, key, value, MAX_RANK);
        case "data_offsets" -> offsets = readSizes(source, name, key, value, 2);
        default -> value.skipChildren();
      }
    }
    if (dtype.isEmpty() || shape == null || offsets == null) {
      throw bad(source, name, "Lacks dtype, shape or data_offsets");
    }
    if (offsets.size() != 2) {
      throw bad(source, name, "data_offsets is " + offsets + ", not [begin, end]");
    }
    ElementType type = ElementType.named(dtype).orElse(null);
    if (type == null) {
      throw bad(
          source, name, "dtype \"" + StrictJson.shorten(dtype) + "\" is not one of the format's");
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (end < begin) {
      throw bad(source, name, "data_offsets " + offsets + " end before they begin");
    }
    long bytes = bytes(source, name, type, shape);
    if (end - begin != bytes) {
      throw bad(
          source,
          name,
          "data_offsets "
              + offsets
              + " hold "
              + (end - begin)
              + " bytes, but shape "
              + shape
              + " of "
              + type
              + " takes "
              + bytes);
    }
    if (end > Long.MAX_VALUE - dataStart) {
      throw bad(source, name, "data_offsets " + offsets + " lie beyond any file");
    }
    return new Entry(name, type, shape, dataStart + begin, dataStart + end);
  }

  private static List<Long> readSizes(
      ByteSource source, String name, String key, JsonParser value, int most) throws IOException {
    if (value.currentToken() != JsonToken.START_ARRAY) {
      throw bad(source, name, key + " is " + StrictJson.describe(value) + ", not an array");
    }
    List<Long> sizes = new ArrayList<>();
    while (value.nextToken() != JsonToken.END_ARRAY) {
      boolean whole =
          value.currentToken() == JsonToken.VALUE_NUMBER_INT
              && value.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && !value.getText().startsWith("-");
      if (!whole) {
        throw bad(
            source,
            name,
            key + " holds " + StrictJson.describe(value) + ", not a whole number from 0 to 2^63-1");
      }
      if (sizes.size() == most) {
        throw bad(source, name, key + " has more than " + most + " entries");
      }
      sizes.add(value.getLongValue());
    }
    return sizes;
  }

  private static long bytes(ByteSource source, String name, ElementType type, List<Long> shape) {
    try {
      long bits = type.bits();
      long elements = 1;
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      bits = Math.multiplyExact(elements, bits);
      if (bits % 8 != 0) {
        throw bad(source, name, "Shape " + shape + " of " + type + " does not fill whole bytes");
      }
      return bits / 8;
    } catch (ArithmeticException e) {
      throw new InputException(
          where(source, name), "Shape " + shape + " of " + type + " overflows 64 bits", FIX, e);
    }
  }

  /** The tensors must tile the rest of the file: no hole, no overlap, nothing left over. */
  private static void checkLayout(ByteSource source, List<Entry> entries, long dataStart) {
    long at = dataStart;
    String before = "the header";
    for (Entry entry : entries) {
      if (entry.begin() != at) {
        String what =
            entry.begin() < at
                ? "Overlaps " + before + " by " + (at - entry.begin()) + " bytes"
                : "Leaves a hole of " + (entry.begin() - at) + " bytes behind " + before;
        throw bad(
            source,
            entry.name(),
            what
                + ": its data_offsets begin at "
                + (entry.begin() - dataStart)
                + " instead of "
                + (at - dataStart));
      }
      at = entry.end();
      before = "tensor " + entry.name();
    }
    if (at != source.length()) {
      String what = at > source.length() ? "The file is truncated: it" : "The file";
      throw bad(
          source, what + " has " + source.length() + " bytes, but its header describes " + at);
    }
  }

  private static String where(ByteSource source, String name) {
    return source.path() + ", tensor " + StrictJson.shorten(name);
  }

  private static InputException bad(ByteSource source, String name, String problem) {
    return new InputException(where(source, name), problem, FIX);
  }

  private static InputException bad(ByteSource source, String problem) {
    return new InputException(source.path(), problem, FIX);
  }
}
