package dev.assay.checkpoint;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.assay.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Small ONNX models, written field by field as onnx.proto numbers them. */
public final class Onnx {
  public static final int FLOAT = 1;
  public static final int INT64 = 7;
  public static final int FLOAT16 = 10;
  public static final int BFLOAT16 = 16;

  private Onnx() {}

  public interface Body {
    void write(CodedOutputStream out) throws IOException;
  }

  public static byte[] bytes(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      body.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A model whose graph has these parts: results of {@link #node} and {@link #initializer}. */
  public static byte[] model(Body... parts) {
    byte[] graph =
        bytes(
            out -> {
              for (Body part : parts) {
                part.write(out);
              }
              out.writeString(2, "main_graph");
            });
    return bytes(
        out -> {
          out.writeInt64(1, 8);
          out.writeString(2, "pytorch");
          out.writeByteArray(7, graph);
          out.writeByteArray(8, bytes(opset -> opset.writeInt64(2, 14)));
        });
  }

  public static Body node(String operator, String name, String output, String... inputs) {
    return out ->
        out.writeByteArray(
            1,
            bytes(
                node -> {
                  for (String input : inputs) {
                    node.writeString(1, input);
                  }
                  node.writeString(2, output);
                  node.writeString(3, name);
                  node.writeString(4, operator);
                }));
  }

  public static Body gemm(String name, int transB, String... inputs) {
    return out ->
        out.writeByteArray(
            1,
            bytes(
                node -> {
                  for (String input : inputs) {
                    node.writeString(1, input);
                  }
                  node.writeString(2, name + "_output");
                  node.writeString(3, name);
                  node.writeString(4, "Gemm");
                  node.writeByteArray(5, attribute("alpha", 1));
                  node.writeByteArray(5, attribute("transB", transB));
                }));
  }

  private static byte[] attribute(String name, int value) {
    return bytes(
        attribute -> {
          attribute.writeString(1, name);
          attribute.writeInt64(3, value);
          attribute.writeInt32(20, 2);
        });
  }

  public static Body initializer(String name, int type, byte[] raw, long... shape) {
    return tensor(
        tensor -> {
          for (long size : shape) {
            tensor.writeInt64(1, size);
          }
          tensor.writeInt32(2, type);
          tensor.writeString(8, name);
          tensor.writeByteArray(9, raw);
        });
  }

  /** Floats in the typed field, packed, and dimensions packed too. */
  public static Body floatData(String name, float[] values, List<Long> shape) {
    return tensor(
        tensor -> {
          tensor.writeByteArray(
              1,
              bytes(
                  dims -> {
                    for (long size : shape) {
                      dims.writeInt64NoTag(size);
                    }
                  }));
          tensor.writeInt32(2, FLOAT);
          tensor.writeByteArray(4, Elements.encode(DType.F32, values));
          tensor.writeString(8, name);
        });
  }

  public static Body tensor(Body fields) {
    return out -> out.writeByteArray(5, bytes(fields));
  }

  /** A tag and a length that promises {@code length} bytes, without them. */
  public static byte[] promise(int field, int length) {
    return bytes(
        out -> {
          out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
          out.writeUInt32NoTag(length);
          out.writeRawBytes("short".getBytes(StandardCharsets.US_ASCII));
        });
  }
}
