package dev.assay.checkpoint;

import dev.assay.InputException;
import dev.assay.checkpoint.OnnxGraph.Consumer;
import dev.assay.checkpoint.OnnxGraph.Initializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The 1-D and 2-D float initializers of an ONNX model under Hugging Face names.
 *
 * <p>PyTorch's exporter transposes the weight of a linear into an anonymous initializer ({@code
 * onnx::MatMul_787}, in × out) and keeps the module's path on the node that multiplies by it:
 * {@code /encoder/layer.0/attention/self/query/MatMul} is the weight {@code
 * encoder.layer.0.attention.self.query.weight}. Initializers that kept their parameter's name keep
 * it here. The layout is decided by the consumer alone: the right factor of MatMul, or of Gemm
 * without transB, is in × out; everything else is out × in. A vector is one row.
 *
 * @param tensors the vectors and matrices, in the file's order
 * @param vectors names of the vectors
 * @param leftOut those of two and more dimensions that are no matrices; constants of the graph have
 *     fewer
 */
record OnnxInitializers(List<Tensor> tensors, Set<String> vectors, List<LeftOut> leftOut) {
  private static final String FIX =
      "Export the model again with raw_data, or use its safetensors checkpoint.";

  /**
   * Lists the non-empty 1-D and 2-D initializers of DOUBLE, FLOAT, FLOAT16, BFLOAT16 and the 8-bit
   * floats of {@code source}.
   *
   * @param file its name within the checkpoint folder
   * @throws InputException if it is not a whole ONNX model, or stores one of them in a form that
   *     cannot be read by byte range
   */
  static OnnxInitializers read(ByteSource source, String file) throws IOException {
    OnnxGraph graph = OnnxGraph.read(source);
    Map<String, Consumer> consumers = graph.consumers();
    List<Tensor> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<String> vectors = new HashSet<>();
    List<LeftOut> leftOut = new ArrayList<>();
    for (Initializer initializer : graph.initializers()) {
      Optional<ElementType> type = type(initializer.type());
      int rank = initializer.shape().size();
      Optional<String> why = why(initializer, type);
      if (why.isPresent()) {
        if (rank >= 2) {
          leftOut.add(leftOut(initializer, type, why.get()));
        }
        continue;
      }
      boolean vector = rank == 1;
      if (vector && initializer.position() < 0) {
        // Small constants are often stored as lists; no parameter of a layer is.
        continue;
      }
      Consumer consumer = vector ? null : consumers.get(initializer.name());
      boolean transposed = consumer != null && consumer.layout() == Tensor.Layout.IN_OUT;
      Tensor.Layout layout = transposed ? Tensor.Layout.IN_OUT : Tensor.Layout.OUT_IN;
      int out = vector ? 1 : size(source, initializer, transposed ? 1 : 0);
      int in = size(source, initializer, vector || transposed ? 0 : 1);
      checkBytes(source, initializer, (long) out * in, type.get());
      String name = name(initializer.name(), consumer);
      if (!name.equals(initializer.name()) && (graph.has(name) || names.contains(name))) {
        name = initializer.name();
      }
      names.add(name);
      if (vector) {
        vectors.add(name);
      }
      tensors.add(
          Tensor.unread(
              name, file, Encoding.plain(type.get()), out, in, initializer.position(), layout));
    }
    return new OnnxInitializers(tensors, vectors, leftOut);
  }

  /** Why an initializer is neither matrix nor vector. */
  private static Optional<String> why(Initializer initializer, Optional<ElementType> type) {
    int rank = initializer.shape().size();
    if (type.isEmpty()) {
      return Optional.of("not a type of real numbers that is read");
    }
    if (rank < 1 || rank > 2) {
      return Optional.of("has " + rank + " dimensions, not 1 or 2");
    }
    if (initializer.shape().contains(0L)) {
      return Optional.of("holds nothing");
    }
    // Lists of doubles are constants; no exporter writes parameters so.
    return type.get() == ElementType.F64 && initializer.position() < 0
        ? Optional.of("is not stored as one run of bytes")
        : Optional.empty();
  }

  private static LeftOut leftOut(Initializer initializer, Optional<ElementType> type, String why) {
    String named = type.map(ElementType::name).orElse("ONNX type " + initializer.type());
    return new LeftOut(initializer.name(), named, initializer.shape(), why);
  }

  /** Those that have a parameter's name, as Hugging Face's libraries hold them. */
  List<StoredTensor> stored() {
    return tensors.stream()
        .filter(tensor -> isParameter(tensor.name()))
        .map(tensor -> StoredTensor.of(tensor, vectors.contains(tensor.name()) ? 1 : 2))
        .toList();
  }

  /** Constants of the graph have a node's name, a path, or a number. */
  private static boolean isParameter(String name) {
    return !name.startsWith("onnx::") && name.indexOf('.') > 0 && name.indexOf('/') < 0;
  }

  /** The parameter's name, where a consumer tells it and the initializer itself has lost it. */
  private static String name(String initializer, Consumer consumer) {
    boolean anonymous = initializer.startsWith("onnx::") || initializer.indexOf('.') < 0;
    if (!anonymous || consumer == null) {
      return initializer;
    }
    String node = consumer.node();
    int begin = node.startsWith("/") ? 1 : 0;
    int end = node.lastIndexOf('/');
    if (end <= begin) {
      return initializer;
    }
    return node.substring(begin, end).replace('/', '.') + ".weight";
  }

  /** Values of TensorProto.DataType. */
  private static Optional<ElementType> type(int type) {
    return switch (type) {
      case 1 -> Optional.of(ElementType.F32);
      case 10 -> Optional.of(ElementType.F16);
      case 11 -> Optional.of(ElementType.F64);
      case 16 -> Optional.of(ElementType.BF16);
      case 17 -> Optional.of(ElementType.F8_E4M3);
      case 18 -> Optional.of(ElementType.F8_E4M3FNUZ);
      case 19 -> Optional.of(ElementType.F8_E5M2);
      case 20 -> Optional.of(ElementType.F8_E5M2FNUZ);
      default -> Optional.empty();
    };
  }

  private static int size(ByteSource source, Initializer initializer, int axis) {
    long size = initializer.shape().get(axis);
    if (size > Integer.MAX_VALUE) {
      throw bad(source, initializer, "Has shape " + initializer.shape() + "; the limit is 2^31-1");
    }
    return (int) size;
  }

  private static void checkBytes(
      ByteSource source, Initializer initializer, long elements, ElementType type) {
    int size = type.bits() / 8;
    if (initializer.position() < 0) {
      throw bad(source, initializer, "Is not stored as one run of bytes");
    }
    if (elements != initializer.bytes() / size || initializer.bytes() % size != 0) {
      throw bad(
          source,
          initializer,
          "Has "
              + initializer.bytes()
              + " bytes, which do not hold shape "
              + initializer.shape()
              + " of "
              + type);
    }
  }

  private static InputException bad(ByteSource source, Initializer initializer, String problem) {
    return new InputException(
        source.path() + ", initializer " + StrictJson.shorten(initializer.name()), problem, FIX);
  }
}
