package dev.assay.checkpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.assay.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What Assay needs of an ONNX file: its initializers and the nodes that multiply by them, found by
 * walking the protobuf wire format (onnx/onnx.proto; the field numbers below are its). Elements are
 * skipped, only their position is kept, so a walk reads the graph's structure and no weights.
 */
final class OnnxGraph {
  private static final String FIX =
      "Download the model again, or export it again to ONNX with its weights inside.";

  /** The longest name of a node or tensor; exporters stay far below. */
  private static final int MAX_NAME = 1 << 16;

  /** The most bytes of names that a walk keeps, as many as a safetensors header may have. */
  private static final long MAX_NAMES = 100_000_000;

  /** How many renamings (Identity, Cast) may lie between an initializer and its consumer. */
  private static final int MAX_HOPS = 16;

  private static final int BUFFER = 1 << 16;
  private static final int NAME_OVERHEAD = 64;

  // message ModelProto
  private static final int MODEL_GRAPH = delimited(7);
  // message GraphProto
  private static final int GRAPH_NODE = delimited(1);
  private static final int GRAPH_INITIALIZER = delimited(5);
  // message NodeProto
  private static final int NODE_INPUT = delimited(1);
  private static final int NODE_OUTPUT = delimited(2);
  private static final int NODE_NAME = delimited(3);
  private static final int NODE_OP_TYPE = delimited(4);
  private static final int NODE_ATTRIBUTE = delimited(5);
  // message AttributeProto
  private static final int ATTRIBUTE_NAME = delimited(1);
  private static final int ATTRIBUTE_INT = varint(3);
  // message TensorProto
  private static final int TENSOR_DIM = varint(1);
  private static final int TENSOR_DIMS = delimited(1);
  private static final int TENSOR_TYPE = varint(2);
  private static final int TENSOR_FLOATS = delimited(4);
  private static final int TENSOR_NAME = delimited(8);
  private static final int TENSOR_RAW = delimited(9);
  private static final int TENSOR_EXTERNAL = delimited(13);
  private static final int TENSOR_LOCATION = varint(14);

  /**
   * An initializer. {@code position} is −1 where its elements are not one run of little-endian
   * bytes.
   *
   * @param type value of TensorProto.DataType
   */
  record Initializer(String name, int type, List<Long> shape, long position, long bytes) {}

  /**
   * The first node that multiplies by a tensor.
   *
   * @param node its name, a path of modules and the operator
   * @param layout how the tensor lies in the file for this use of it
   */
  record Consumer(String node, Tensor.Layout layout) {}

  private final String path;
  private final CodedInputStream in;
  private final Map<String, Initializer> initializers = new LinkedHashMap<>();
  private final Map<String, Consumer> consumers = new LinkedHashMap<>();
  private final Map<String, String> renamed = new LinkedHashMap<>();
  private long namesLeft = MAX_NAMES;
  private boolean graphSeen;

  private OnnxGraph(String path, CodedInputStream in) {
    this.path = path;
    this.in = in;
  }

  /**
   * Walks an ONNX file.
   *
   * @throws InputException if it is not one, or keeps its weights in other files
   */
  static OnnxGraph read(ByteSource source) throws IOException {
    if (source.length() > Integer.MAX_VALUE) {
      throw new InputException(
          source.path(),
          "Has " + source.length() + " bytes; an ONNX file, a protobuf message, has at most 2 GiB",
          FIX);
    }
    int length = (int) source.length();
    CodedInputStream in =
        CodedInputStream.newInstance(new RangeInputStream(source, 0, length), BUFFER);
    OnnxGraph graph = new OnnxGraph(source.path(), in);
    try {
      int outer = in.pushLimit(length);
      graph.model();
      in.popLimit(outer);
    } catch (InvalidProtocolBufferException | CharacterCodingException e) {
      throw new InputException(
          source.path(),
          "Is not a whole ONNX model, near byte " + in.getTotalBytesRead() + ": " + reason(e),
          FIX,
          e);
    }
    if (!graph.graphSeen) {
      throw new InputException(source.path(), "Is not an ONNX model: it holds no graph", FIX);
    }
    graph.resolveRenamed();
    return graph;
  }

  /** The initializers, in the file's order. */
  List<Initializer> initializers() {
    return List.copyOf(initializers.values());
  }

  boolean has(String initializer) {
    return initializers.containsKey(initializer);
  }

  /** Who multiplies by a tensor first: itself, or through nodes that only rename or cast it. */
  Map<String, Consumer> consumers() {
    return consumers;
  }

  private void model() throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == MODEL_GRAPH) {
        if (graphSeen) {
          throw bad("Holds two graphs");
        }
        graphSeen = true;
        message(this::graphField);
      } else {
        skip(tag);
      }
    }
  }

  private void graphField(int tag) throws IOException {
    if (tag == GRAPH_NODE) {
      node();
    } else if (tag == GRAPH_INITIALIZER) {
      initializer();
    } else {
      skip(tag);
    }
  }

  private void node() throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String[] nameAndOperator = {"", ""};
    boolean[] transposed = {false};
    message(
        tag -> {
          if (tag == NODE_INPUT) {
            inputs.add(name());
          } else if (tag == NODE_OUTPUT) {
            outputs.add(name());
          } else if (tag == NODE_NAME) {
            nameAndOperator[0] = name();
          } else if (tag == NODE_OP_TYPE) {
            nameAndOperator[1] = name();
          } else if (tag == NODE_ATTRIBUTE) {
            transposed[0] |= isTransB();
          } else {
            skip(tag);
          }
        });
    String operator = nameAndOperator[1];
    boolean multiplies = operator.equals("MatMul") || operator.equals("Gemm");
    if (multiplies && inputs.size() >= 2) {
      // X·B multiplies by an in × out matrix; A·X, or X·Bᵀ, by an out × in one.
      Tensor.Layout right =
          operator.equals("Gemm") && transposed[0] ? Tensor.Layout.OUT_IN : Tensor.Layout.IN_OUT;
      consumers.putIfAbsent(inputs.get(1), new Consumer(nameAndOperator[0], right));
      consumers.putIfAbsent(inputs.get(0), new Consumer(nameAndOperator[0], Tensor.Layout.OUT_IN));
    }
    boolean renames = operator.equals("Identity") || operator.equals("Cast");
    if (renames && inputs.size() == 1 && outputs.size() == 1) {
      renamed.put(outputs.get(0), inputs.get(0));
    }
  }

  /** Whether an attribute is transB ≠ 0. Constants and subgraphs in attributes are skipped. */
  private boolean isTransB() throws IOException {
    String[] name = {""};
    long[] value = {0};
    message(
        tag -> {
          if (tag == ATTRIBUTE_NAME) {
            name[0] = name();
          } else if (tag == ATTRIBUTE_INT) {
            value[0] = in.readInt64();
          } else {
            skip(tag);
          }
        });
    return name[0].equals("transB") && value[0] != 0;
  }

  private void initializer() throws IOException {
    List<Long> shape = new ArrayList<>();
    String[] name = {""};
    int[] type = {0};
    boolean[] external = {false};
    long[] positionAndBytes = {-1, 0};
    message(
        tag -> {
          if (tag == TENSOR_DIM) {
            dimension(shape);
          } else if (tag == TENSOR_DIMS) {
            int limit = in.pushLimit(length());
            while (in.getBytesUntilLimit() > 0) {
              dimension(shape);
            }
            in.popLimit(limit);
          } else if (tag == TENSOR_TYPE) {
            type[0] = in.readInt32();
          } else if (tag == TENSOR_NAME) {
            name[0] = name();
          } else if (tag == TENSOR_RAW || tag == TENSOR_FLOATS) {
            // Packed floats are little-endian and contiguous too. A second piece makes it
            // scattered.
            int bytes = length();
            positionAndBytes[0] = positionAndBytes[1] == 0 ? in.getTotalBytesRead() : -1;
            positionAndBytes[1] += bytes;
            in.skipRawBytes(bytes);
          } else if (tag == TENSOR_EXTERNAL) {
            external[0] = true;
            skip(tag);
          } else if (tag == TENSOR_LOCATION) {
            external[0] |= in.readEnum() == 1;
          } else {
            skip(tag);
          }
        });
    if (external[0]) {
      throw new InputException(
          path,
          "Keeps initializer " + StrictJson.shorten(name[0]) + " in another file (external data)",
          "Export the model as one ONNX file, or use its safetensors checkpoint.");
    }
    Initializer initializer =
        new Initializer(
            name[0], type[0], List.copyOf(shape), positionAndBytes[0], positionAndBytes[1]);
    if (initializers.putIfAbsent(name[0], initializer) != null) {
      throw bad("Holds initializer " + StrictJson.shorten(name[0]) + " twice");
    }
  }

  private void dimension(List<Long> shape) throws IOException {
    if (shape.size() == SafetensorsHeader.MAX_RANK) {
      throw bad("Holds a tensor of more than " + SafetensorsHeader.MAX_RANK + " dimensions");
    }
    long size = in.readInt64();
    if (size < 0) {
      throw bad("Holds a tensor with dimension " + size);
    }
    shape.add(size);
  }

  /** Gives what consumes a renamed tensor to the initializer behind it. */
  private void resolveRenamed() {
    for (Map.Entry<String, String> entry : renamed.entrySet()) {
      Consumer consumer = consumers.get(entry.getKey());
      String behind = entry.getValue();
      for (int hop = 1; hop < MAX_HOPS && renamed.containsKey(behind); hop++) {
        behind = renamed.get(behind);
      }
      if (consumer != null && initializers.containsKey(behind)) {
        consumers.putIfAbsent(behind, consumer);
      }
    }
  }

  /** Handles one field of a message; the stream stands behind its tag. */
  private interface Field {
    void read(int tag) throws IOException;
  }

  private void message(Field field) throws IOException {
    int limit = in.pushLimit(length());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      field.read(tag);
    }
    in.checkLastTagWas(0);
    if (in.getBytesUntilLimit() != 0) {
      throw bad("Ends within a message");
    }
    in.popLimit(limit);
  }

  /** The length of a delimited field, which must end within the message that holds it. */
  private int length() throws IOException {
    int length = in.readRawVarint32();
    if (length < 0 || length > in.getBytesUntilLimit()) {
      throw bad(
          "Holds a field of "
              + Integer.toUnsignedString(length)
              + " bytes where "
              + in.getBytesUntilLimit()
              + " are left, near byte "
              + in.getTotalBytesRead());
    }
    return length;
  }

  private String name() throws IOException {
    int length = length();
    namesLeft -= length + NAME_OVERHEAD;
    if (length > MAX_NAME || namesLeft < 0) {
      throw bad(
          "Holds a name of " + length + " bytes, or more than " + MAX_NAMES + " bytes of names");
    }
    byte[] bytes = in.readRawBytes(length);
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private void skip(int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw bad("Ends a group that never began, near byte " + in.getTotalBytesRead());
    }
  }

  private InputException bad(String problem) {
    return new InputException(path, problem, FIX);
  }

  private static String reason(IOException e) {
    String message =
        e instanceof CharacterCodingException ? "A name is not valid UTF-8" : e.getMessage();
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }

  private static int delimited(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static int varint(int field) {
    return field << 3 | WireFormat.WIRETYPE_VARINT;
  }
}
