package dev.assay.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files as the reference implementation does (safetensors/src/tensor.rs, {@code
 * prepare}): tensors by descending alignment of their type, then by name; the header padded with
 * spaces to a multiple of 8 bytes. The same tensors and metadata give the same bytes.
 */
public final class SafetensorsWriter {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Comparator<Map.Entry<String, StreamedTensor>> ORDER =
      Comparator.comparing(
              (Map.Entry<String, StreamedTensor> entry) -> entry.getValue().type(),
              Comparator.reverseOrder())
          .thenComparing(Map.Entry.comparingByKey());

  private SafetensorsWriter() {}

  /**
   * Writes a whole file to {@code out}, which stays open.
   *
   * @param tensors name to tensor
   * @param metadata the file's {@code __metadata__}, in this order; left out where empty
   * @throws IllegalArgumentException if a tensor is named {@code __metadata__} or the header
   *     exceeds 100,000,000 bytes
   */
  public static void write(
      OutputStream out, Map<String, TensorData> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, StreamedTensor> streamed = new LinkedHashMap<>();
    tensors.forEach((name, data) -> streamed.put(name, StreamedTensor.of(data)));
    stream(out, streamed, metadata);
  }

  /**
   * Writes a whole file to {@code out}, which stays open, one tensor at a time: memory is the
   * header and what a tensor's contents hold while they are written.
   *
   * @param tensors name to tensor
   * @param metadata the file's {@code __metadata__}, in this order; left out where empty
   * @throws IllegalArgumentException if a tensor is named {@code __metadata__} or the header
   *     exceeds 100,000,000 bytes
   * @throws IllegalStateException if a tensor's contents are not as long as its shape demands
   */
  public static void stream(
      OutputStream out, Map<String, StreamedTensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, StreamedTensor>> ordered =
        tensors.entrySet().stream().sorted(ORDER).toList();
    byte[] header = header(ordered, metadata);
    out.write(
        ByteBuffer.allocate(SafetensorsHeader.PREFIX)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array());
    out.write(header);
    for (Map.Entry<String, StreamedTensor> tensor : ordered) {
      Counted counted = new Counted(out);
      tensor.getValue().contents().writeTo(counted);
      if (counted.written != tensor.getValue().bytes()) {
        throw new IllegalStateException(
            tensor.getKey()
                + " takes "
                + tensor.getValue().bytes()
                + " bytes, and its contents are "
                + counted.written);
      }
    }
  }

  /** Passes bytes on and counts them. */
  private static final class Counted extends OutputStream {
    private final OutputStream out;
    private long written;

    Counted(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      written++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      written += length;
    }
  }

  private static byte[] header(
      List<Map.Entry<String, StreamedTensor>> ordered, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Map.Entry<String, StreamedTensor> entry : ordered) {
        if (entry.getKey().equals(SafetensorsHeader.METADATA)) {
          throw new IllegalArgumentException(
              "A tensor cannot be named " + SafetensorsHeader.METADATA);
        }
        StreamedTensor tensor = entry.getValue();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", tensor.type().name());
        json.writeArrayFieldStart("shape");
        for (long size : tensor.shape()) {
          json.writeNumber(size);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(offset);
        offset += tensor.bytes();
        json.writeNumber(offset);
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    int length = (bytes.size() + 7) / 8 * 8;
    if (length > SafetensorsHeader.MAX_HEADER) {
      throw new IllegalArgumentException(
          "The header has " + length + " bytes; the limit is " + SafetensorsHeader.MAX_HEADER);
    }
    byte[] padded = Arrays.copyOf(bytes.toByteArray(), length);
    Arrays.fill(padded, bytes.size(), length, (byte) ' ');
    return padded;
  }
}
