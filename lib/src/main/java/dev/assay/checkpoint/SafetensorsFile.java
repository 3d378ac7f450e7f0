package dev.assay.checkpoint;

import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsHeader.Entry;
import dev.assay.tensor.Matrix;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Any safetensors file: every tensor of it, of any shape and type, read one at a time.
 *
 * <p>Bytes are read when asked for; opening reads the header alone.
 */
public final class SafetensorsFile implements Closeable {
  /** Numbers read at once: a second moment of 16384 channels has more bytes than one array. */
  private static final int CHUNK = 1 << 17;

  private final ByteSource source;
  private final SafetensorsHeader header;
  private final Map<String, Entry> byName = new LinkedHashMap<>();

  private SafetensorsFile(ByteSource source, SafetensorsHeader header) {
    this.source = source;
    this.header = header;
    for (Entry entry : header.entries()) {
      byName.put(entry.name(), entry);
    }
  }

  /**
   * Opens {@code source}, which this file closes from then on, also when opening fails.
   *
   * @throws InputException if the header breaks a rule of the format
   */
  public static SafetensorsFile open(ByteSource source) throws IOException {
    try {
      return new SafetensorsFile(source, SafetensorsHeader.read(source));
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** Opens a file of the local file system. */
  public static SafetensorsFile open(Path path) throws IOException {
    return open(LocalFile.open(path));
  }

  /** The file's full path, for messages. */
  public String path() {
    return source.path();
  }

  /** The tensors, in the order of their bytes. */
  public List<Entry> entries() {
    return header.entries();
  }

  /** The file's {@code __metadata__}, empty where it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  public boolean contains(String name) {
    return byName.containsKey(name);
  }

  /**
   * The tensor called {@code name}.
   *
   * @throws InputException if the file has none of that name
   */
  public Entry entry(String name) {
    Entry entry = byName.get(name);
    if (entry == null) {
      throw new InputException(
          source.path(), "Has no tensor " + name, "It has " + byName.size() + " others.");
    }
    return entry;
  }

  /**
   * A 2-D tensor of F32, F16, BF16 (exact) or F64 (rounded), of shape {@code shape[0] × shape[1]}.
   *
   * @throws InputException if it has another rank or type, or more elements than an array
   */
  public Matrix matrix(String name) throws IOException {
    Entry entry = entry(name);
    if (entry.shape().size() != 2) {
      throw bad(entry, "Has shape " + entry.shape() + ", not two dimensions");
    }
    float[] data = floats(name);
    return Matrix.of(size(entry, entry.shape().get(0)), size(entry, entry.shape().get(1)), data);
  }

  /**
   * All elements of a tensor of F32, F16, BF16 (exact) or F64 (rounded), outermost dimension first.
   *
   * @throws InputException if it has another type or more elements than an array
   */
  public float[] floats(String name) throws IOException {
    Entry entry = entry(name);
    if (entry.type().dtype().isEmpty()) {
      throw bad(entry, "Holds " + entry.type() + ", not F64, F32, F16 or BF16");
    }
    float[] values = new float[size(entry, entry.elements())];
    new WeightReader(source, name, entry.type(), entry.begin())
        .contiguous(0, values, 0, values.length);
    return values;
  }

  /**
   * All elements of a tensor of real floating-point type, exactly.
   *
   * @throws InputException if it has another type or more elements than an array
   */
  public double[] doubles(String name) throws IOException {
    Entry entry = entry(name);
    if (entry.type() != ElementType.F64) {
      float[] narrow = floats(name);
      double[] values = new double[narrow.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = narrow[i];
      }
      return values;
    }
    double[] values = new double[size(entry, entry.elements())];
    byte[] chunk = new byte[Math.min(CHUNK, values.length) * Double.BYTES];
    for (int done = 0; done < values.length; done += CHUNK) {
      int count = Math.min(CHUNK, values.length - done);
      long at = entry.begin() + (long) done * Double.BYTES;
      source.readFully(at, chunk, 0, count * Double.BYTES);
      ByteBuffer.wrap(chunk)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asDoubleBuffer()
          .get(values, done, count);
    }
    return values;
  }

  /**
   * All elements of a tensor of BOOL (0 or 1) or an integer type, exactly.
   *
   * @throws InputException if it has another type, more elements than an array, or a U64 above
   *     2⁶³−1
   */
  public long[] longs(String name) throws IOException {
    Entry entry = entry(name);
    ByteBuffer bytes = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
    long[] values = new long[size(entry, entry.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (entry.type()) {
            case BOOL, U8 -> bytes.get() & 0xffL;
            case I8 -> bytes.get();
            case I16 -> bytes.getShort();
            case U16 -> bytes.getShort() & 0xffffL;
            case I32 -> bytes.getInt();
            case U32 -> bytes.getInt() & 0xffffffffL;
            case I64, U64 -> bytes.getLong();
            default -> throw bad(entry, "Holds " + entry.type() + ", not an integer type");
          };
      if (entry.type() == ElementType.U64 && values[i] < 0) {
        throw bad(entry, "Holds " + Long.toUnsignedString(values[i]) + ", above 2^63-1");
      }
    }
    return values;
  }

  /**
   * The bytes of a tensor as they lie in the file.
   *
   * @throws InputException if there are more than an array holds
   */
  public byte[] bytes(String name) throws IOException {
    Entry entry = entry(name);
    byte[] bytes = new byte[size(entry, entry.bytes())];
    source.readFully(entry.begin(), bytes, 0, bytes.length);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  private int size(Entry entry, long count) {
    if (count > WeightReader.MAX_ELEMENTS) {
      throw bad(
          entry, "Needs an array of " + count + "; the limit is " + WeightReader.MAX_ELEMENTS);
    }
    return (int) count;
  }

  private InputException bad(Entry entry, String problem) {
    return new InputException(
        source.path() + ", tensor " + entry.name(), problem, "Choose another tensor.");
  }
}
