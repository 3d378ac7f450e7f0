package dev.assay.export;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.Inventory;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.StoredTensor;
import dev.assay.checkpoint.StoredTensor.Order;
import dev.assay.checkpoint.StreamedTensor;
import dev.assay.checkpoint.Tensor;
import dev.assay.checkpoint.TensorData;
import dev.assay.family.Architecture;
import dev.assay.family.Families;
import dev.assay.family.ModelConfig;
import dev.assay.model.ModelLoader;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A checkpoint with some of its matrices replaced by effective weights Ŵ, as a Hugging Face
 * directory: {@code config.json}, one {@code model.safetensors} whatever the source was (a file,
 * shards, ONNX), and the tokenizer's files as they are.
 *
 * <p>A replaced matrix keeps name, shape, orientation and type of the original; Ŵ is rounded once,
 * to nearest, ties to even, to that type. Every other tensor has the original's bytes; the in × out
 * matrices of an ONNX file are transposed to Hugging Face's out × in. Memory is that of the largest
 * matrix, three times; the model is never held. The same inputs give the same bytes.
 */
public final class DenseExport {
  /** The file with all tensors. */
  public static final String WEIGHTS = "model.safetensors";

  /** The file that says what the model is. */
  public static final String CONFIG = "config.json";

  private static final String TOKENIZER = "tokenizer.json";

  /** What Transformers and Sentence Transformers read beside weights and configuration. */
  private static final Set<String> COPIED =
      Set.of(
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.txt",
          "vocab.json",
          "merges.txt",
          "tokenizer.model",
          "spiece.model",
          "sentencepiece.bpe.model",
          "chat_template.jinja",
          "modules.json",
          "sentence_bert_config.json",
          "config_sentence_transformers.json",
          "LICENSE",
          "LICENSE.txt",
          "LICENSE.md",
          "NOTICE");

  /** Where effective weights come from. */
  public interface EffectiveWeights {
    /** Ŵ of a matrix, out × in. Called for one matrix at a time. */
    Matrix of(Tensor tensor) throws IOException;
  }

  private final Folder source;
  private final Checkpoint checkpoint;
  private final Map<String, Tensor> replaced;
  private final Map<String, byte[]> made;

  private DenseExport(
      Folder source,
      Checkpoint checkpoint,
      Map<String, Tensor> replaced,
      Map<String, byte[]> made) {
    this.source = source;
    this.checkpoint = checkpoint;
    this.replaced = replaced;
    this.made = made;
  }

  /**
   * Prepares an export from headers.
   *
   * @param source the checkpoint's folder
   * @param checkpoint what it holds
   * @param replaced the matrices that have an effective weight
   * @throws InputException if there is no {@code config.json} and none can be made; or if the
   *     checkpoint is an ONNX export from which Transformers could not load a whole BERT or
   *     DistilBERT
   */
  public static DenseExport of(Folder source, Checkpoint checkpoint, List<Tensor> replaced)
      throws IOException {
    Inventory inventory = checkpoint.inventory();
    boolean configured = inventory.files().contains(CONFIG);
    boolean onnx = inventory.format() == Inventory.Format.ONNX;
    boolean published =
        Families.running(checkpoint.modelType()).flatMap(Architecture::published).isPresent();
    if ((onnx || !configured) && !published) {
      throw new InputException(
          checkpoint.path(),
          onnx
              ? "Is an ONNX export of type "
                  + checkpoint.modelType()
                  + ", whose names are not known"
              : "Has no " + CONFIG + ", and none can be made for type " + checkpoint.modelType(),
          onnx
              ? "Sweep the model's safetensors checkpoint; an ONNX export is of bert or distilbert."
              : "Put the " + CONFIG + " of the original model into the folder.");
    }
    if (onnx) {
      checkNames(checkpoint, ModelLoader.config(source, checkpoint));
    }
    Map<String, Tensor> byName =
        replaced.stream().collect(Collectors.toMap(Tensor::name, Function.identity()));
    Set<String> unnamed = new TreeSet<>(byName.keySet());
    inventory.tensors().forEach(tensor -> unnamed.remove(tensor.name()));
    if (!unnamed.isEmpty()) {
      throw new InputException(
          checkpoint.path(),
          "Has no Hugging Face name for " + unnamed.iterator().next() + ", which was compressed",
          "Exclude it from the sweep.");
    }
    for (Tensor tensor : replaced) {
      if (tensor.encoding().type().dtype().isEmpty()) {
        throw new InputException(
            checkpoint.path() + ", tensor " + tensor.name(),
            "Holds " + tensor.encoding().type() + ", which an effective weight does not fit into",
            "Sweep and export a copy of the model in F32 or BF16.");
      }
    }
    Map<String, byte[]> made =
        configured ? Map.of(CONFIG, bytes(source, CONFIG)) : made(source, checkpoint);
    return new DenseExport(source, checkpoint, byName, made);
  }

  /** Transformers fills what it does not find with random numbers, and only warns. */
  private static void checkNames(Checkpoint checkpoint, ModelConfig config) {
    Set<String> names =
        checkpoint.inventory().tensors().stream()
            .map(StoredTensor::name)
            .collect(Collectors.toSet());
    String prefix = config.family().base() + ".";
    List<String> missing =
        config.family().parameters(config).stream()
            .filter(name -> !names.contains(name) && !names.contains(prefix + name))
            .toList();
    if (!missing.isEmpty()) {
      throw new InputException(
          checkpoint.path(),
          "Lacks "
              + missing.size()
              + " parameters under the names that Transformers knows, "
              + missing.get(0)
              + " among them",
          "Export the model to ONNX again without optimizing it, or sweep its safetensors"
              + " checkpoint.");
    }
  }

  private static Map<String, byte[]> made(Folder source, Checkpoint checkpoint) throws IOException {
    ModelConfig config = ModelLoader.config(source, checkpoint);
    String words = config.family().anatomy().embeddings().words() + ".weight";
    DType dtype =
        checkpoint.matrices().stream()
            .filter(tensor -> tensor.name().endsWith(words))
            .map(Tensor::dtype)
            .findFirst()
            .orElse(DType.F32);
    String architecture = config.labels().isEmpty() ? "Model" : "ForSequenceClassification";
    Map<String, byte[]> made = new TreeMap<>();
    made.put(CONFIG, ConfigJson.of(config, architecture, dtype));
    List<String> files = checkpoint.inventory().files();
    if (files.contains(TOKENIZER) && !files.contains(TokenizerConfig.NAME)) {
      String where = checkpoint.path() + "/" + TOKENIZER;
      made.put(TokenizerConfig.NAME, TokenizerConfig.of(bytes(source, TOKENIZER), where, config));
    }
    return made;
  }

  /**
   * Files and their contents that an export writes beside {@link #WEIGHTS} and what it copies:
   * {@code config.json}, the source's or, where it has none, made from its tensors; then also
   * {@code tokenizer_config.json} where only {@code tokenizer.json} is there.
   */
  public Map<String, byte[]> made() {
    return Map.copyOf(made);
  }

  /**
   * A line of Python that loads the exported directory.
   *
   * @param folder its path
   */
  public String python(String folder) {
    return TransformersCall.of(
        made.get(CONFIG),
        checkpoint.inventory().tensors().stream().map(StoredTensor::name).toList(),
        folder);
  }

  /** Names of the source's other files that belong to the export. */
  public List<String> copied() {
    return checkpoint.inventory().files().stream().filter(COPIED::contains).toList();
  }

  /** How many tensors the export has. */
  public int tensors() {
    return checkpoint.inventory().tensors().size();
  }

  /**
   * Writes {@link #WEIGHTS} to {@code out}, which stays open.
   *
   * @param metadata added to the source's; {@code format} is {@code pt} where the source says
   *     nothing
   * @throws InputException if a finite effective weight would become infinite in the tensor's type
   * @throws IllegalStateException if an effective weight has another shape than its tensor
   */
  public void writeWeights(OutputStream out, EffectiveWeights weights, Map<String, String> metadata)
      throws IOException {
    Map<String, StreamedTensor> tensors = new LinkedHashMap<>();
    for (StoredTensor stored : checkpoint.inventory().tensors()) {
      Tensor tensor = replaced.get(stored.name());
      tensors.put(
          stored.name(),
          new StreamedTensor(
              stored.type(),
              stored.shape(),
              tensor == null
                  ? to -> stored.writeTo(to, source)
                  : to -> write(oriented(stored, tensor, weights.of(tensor)), tensor, to)));
    }
    Map<String, String> all = new TreeMap<>(checkpoint.inventory().metadata());
    all.putIfAbsent("format", "pt");
    all.putAll(metadata);
    SafetensorsWriter.stream(out, tensors, all);
  }

  /** Ŵ as the file holds it: transposed where the source is Hugging Face's and holds in × out. */
  private static Matrix oriented(StoredTensor stored, Tensor tensor, Matrix weight) {
    if (weight.rows() != tensor.rows() || weight.cols() != tensor.cols()) {
      throw new IllegalStateException(weight + " is no weight of " + tensor);
    }
    return tensor.layout() == Tensor.Layout.IN_OUT && stored.order() == Order.AS_SHAPED
        ? weight.transpose()
        : weight;
  }

  private void write(Matrix weight, Tensor tensor, OutputStream out) throws IOException {
    for (int i = 0; i < weight.rows(); i++) {
      float[] row = Arrays.copyOfRange(weight.data(), i * weight.cols(), (i + 1) * weight.cols());
      for (float value : row) {
        if (Float.isFinite(value) && !Float.isFinite(tensor.dtype().round(value))) {
          throw new InputException(
              checkpoint.path() + ", tensor " + tensor.name(),
              "Its effective weight holds " + value + ", which " + tensor.dtype() + " cannot",
              "Sweep and export a copy of the model in F32 or BF16.");
        }
      }
      out.write(TensorData.of(tensor.dtype(), row, row.length).bytes());
    }
  }

  /**
   * Reads {@link #WEIGHTS} back: every replaced matrix must be Ŵ rounded to its type, every other
   * tensor the source's, byte by byte.
   *
   * @param written the folder written to
   * @throws IOException naming the tensor that differs
   */
  public void verify(Folder written, EffectiveWeights weights) throws IOException {
    Checkpoint found = Checkpoint.open(written);
    Map<String, StoredTensor> there =
        found.inventory().tensors().stream()
            .collect(Collectors.toMap(StoredTensor::name, Function.identity()));
    for (StoredTensor stored : checkpoint.inventory().tensors()) {
      StoredTensor copy = there.remove(stored.name());
      boolean alike =
          copy != null && copy.type() == stored.type() && copy.shape().equals(stored.shape());
      Tensor tensor = replaced.get(stored.name());
      if (!alike
          || !(tensor == null
              ? isCopy(stored, found, copy, written)
              : isRounded(weights.of(tensor), tensor.dtype(), stored.name(), found, written))) {
        throw differs(written, stored.name());
      }
    }
    if (!there.isEmpty()) {
      throw differs(written, there.keySet().iterator().next());
    }
  }

  private static boolean isRounded(
      Matrix weight, DType dtype, String name, Checkpoint found, Folder written)
      throws IOException {
    float[] expected = weight.data();
    Matrix read = Checkpoint.read(written, found.matrix(name));
    if (read.rows() != weight.rows() || read.cols() != weight.cols()) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (Float.compare(dtype.round(expected[i]), read.data()[i]) != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean isCopy(StoredTensor stored, Checkpoint found, StoredTensor copy, Folder written)
      throws IOException {
    if (stored.order() == Order.TRANSPOSED) {
      Matrix original = Checkpoint.read(source, checkpoint.matrix(stored.name()));
      return isRounded(original, DType.F32, stored.name(), found, written);
    }
    try (ByteSource bytes = written.open(copy.file())) {
      Comparison comparison = new Comparison(bytes, copy.position());
      stored.writeTo(comparison, source);
      return comparison.equal;
    }
  }

  /** Compares what is written to it with what a file holds. */
  private static final class Comparison extends OutputStream {
    private final ByteSource file;
    private long position;
    private boolean equal = true;

    Comparison(ByteSource file, long position) {
      this.file = file;
      this.position = position;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      byte[] there = new byte[length];
      file.readFully(position, there, 0, length);
      position += length;
      equal &= Arrays.equals(there, 0, length, bytes, offset, offset + length);
    }
  }

  private static IOException differs(Folder written, String tensor) {
    return new IOException(
        written.path() + ": tensor " + tensor + " was not read back as it was written");
  }

  private static byte[] bytes(Folder folder, String file) throws IOException {
    try (ByteSource source = folder.open(file)) {
      byte[] bytes = new byte[Math.toIntExact(source.length())];
      source.readFully(0, bytes, 0, bytes.length);
      return bytes;
    }
  }
}
