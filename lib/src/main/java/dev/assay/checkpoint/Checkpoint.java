package dev.assay.checkpoint;

import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsHeader.Entry;
import dev.assay.family.Family;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The weight matrices of a model in a folder, known from headers alone.
 *
 * <p>Of what the folder holds, the first counts: {@code model.safetensors}; the shards of {@code
 * model.safetensors.index.json}; {@code model.onnx}, or the only {@code .onnx} file. Pickles are
 * refused. Opening reads headers; {@link #read} and {@link #readRows} read one tensor's bytes and
 * need nothing of this object but the {@link Tensor}, so a task can call them anywhere.
 */
public final class Checkpoint {
  private static final String SINGLE = "model.safetensors";
  private static final String ONNX = "model.onnx";
  private static final int FILES_IN_MESSAGE = 10;

  private final String path;
  private final Family family;
  private final List<Tensor> matrices;
  private final List<Tensor> vectors;
  private final Inventory inventory;

  /**
   * @param tensors those of one and two dimensions
   * @param vectors names of those of one dimension
   */
  private Checkpoint(
      String path, Family family, List<Tensor> tensors, Set<String> vectors, Inventory inventory) {
    this.path = path;
    this.family = family;
    this.inventory = inventory;
    List<Tensor> ordered = tensors.stream().sorted(byName()).toList();
    this.matrices = ordered.stream().filter(tensor -> !vectors.contains(tensor.name())).toList();
    this.vectors = ordered.stream().filter(tensor -> vectors.contains(tensor.name())).toList();
  }

  /**
   * Reads what the headers in {@code folder} say.
   *
   * @throws InputException if there is no checkpoint, only one in a form that is refused, or a file
   *     of it breaks its format's rules
   */
  public static Checkpoint open(Folder folder) throws IOException {
    List<String> files = folder.files();
    if (files.contains(SINGLE)) {
      return ofSafetensors(folder, files, List.of(SINGLE), Optional.empty());
    }
    if (files.contains(ShardIndex.FILE)) {
      ShardIndex index;
      try (ByteSource source = folder.open(ShardIndex.FILE)) {
        index = ShardIndex.read(source);
      }
      index.checkShards(files);
      return ofSafetensors(folder, files, List.copyOf(index.shards()), Optional.of(index));
    }
    Optional<String> onnx = onnx(folder, files);
    if (onnx.isPresent()) {
      return ofOnnx(folder, files, onnx.get());
    }
    throw refusal(folder, files);
  }

  /** The folder, for messages. */
  public String path() {
    return path;
  }

  /** The model's family: by {@code config.json} or, where that says nothing, by its tensors. */
  public Family family() {
    return family;
  }

  /**
   * {@code model_type} of {@code config.json}; without one, that of a family that runs where the
   * tensors' names tell, else {@code unknown}.
   */
  public String modelType() {
    return family.type();
  }

  /**
   * Every non-empty 2-D tensor of F64, F32, F16, BF16 or 8-bit floats, by name, with digits
   * compared as numbers (layer.2 before layer.10). Their identities are those of contents in an
   * {@link #identified} checkpoint alone.
   */
  public List<Tensor> matrices() {
    return matrices;
  }

  /**
   * Every non-empty 1-D tensor of the same types (biases, the parameters of norms), as a matrix of
   * one row, by name in the order of {@link #matrices}.
   */
  public List<Tensor> vectors() {
    return vectors;
  }

  /** What the checkpoint holds besides matrices and vectors, and how it is kept. */
  public Inventory inventory() {
    return inventory;
  }

  /** The bytes that decide what the model computes: those of all matrices and vectors, sorted. */
  public List<Extent> extents() {
    return tensors().flatMap(tensor -> tensor.extents().stream()).distinct().sorted().toList();
  }

  /**
   * This checkpoint with the identities that its contents give its tensors, wherever it lies.
   *
   * @param digests {@link Extent#sha256} of each of its {@link #extents}
   */
  public Checkpoint identified(Map<Extent, String> digests) {
    return new Checkpoint(
        path,
        family,
        tensors()
            .map(tensor -> tensor.identified(extent -> Objects.requireNonNull(digests.get(extent))))
            .toList(),
        vectors.stream().map(Tensor::name).collect(Collectors.toSet()),
        inventory);
  }

  /** Hash of the identities of all matrices and vectors: what stands for the model in ids. */
  public String identity() {
    return Digests.of(tensors().map(Tensor::identity).sorted().toList());
  }

  private Stream<Tensor> tensors() {
    return Stream.concat(matrices.stream(), vectors.stream());
  }

  /**
   * The matrix called {@code name}.
   *
   * @throws InputException if there is none
   */
  public Tensor matrix(String name) {
    return matrices.stream()
        .filter(tensor -> tensor.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    path,
                    "Has no 2-D float tensor " + name,
                    "Choose one of its " + matrices.size() + " matrices."));
  }

  /**
   * Reads a whole matrix, out × in, by its byte range, in chunks of 1 MiB: memory beside the result
   * is one or two chunks. F16, BF16 and 8-bit floats are widened exactly, F64 is rounded to single
   * precision, and so is each product of an 8-bit float with its scale.
   *
   * @throws InputException if it has more elements than an array holds (2³¹−9), or the file was
   *     truncated since its header was read
   */
  public static Matrix read(Folder folder, Tensor tensor) throws IOException {
    return readRows(folder, tensor, 0, tensor.rows());
  }

  /**
   * Reads rows {@code [firstRow, firstRow + rowCount)} of a matrix, as a rowCount × in matrix. Of
   * an in × out tensor only the wanted columns are read where they are less than a quarter.
   *
   * @throws InputException as {@link #read}
   * @throws IndexOutOfBoundsException if the matrix has no such rows
   */
  public static Matrix readRows(Folder folder, Tensor tensor, int firstRow, int rowCount)
      throws IOException {
    Objects.checkFromIndexSize(firstRow, rowCount, tensor.rows());
    Matrix rows;
    try (ByteSource source = folder.open(tensor.file())) {
      rows = WeightReader.rows(source, tensor, firstRow, rowCount);
    }
    Scales scales = tensor.encoding().scales();
    if (scales.present()) {
      scales.multiply(folder, rows, firstRow, tensor.layout());
    }
    return rows;
  }

  private static Comparator<Tensor> byName() {
    return Comparator.comparing(Tensor::name, NaturalOrder.COMPARATOR);
  }

  private static Checkpoint ofSafetensors(
      Folder folder, List<String> files, List<String> shards, Optional<ShardIndex> index)
      throws IOException {
    Map<String, SafetensorsHeader> headers = new TreeMap<>();
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    List<StoredTensor> stored = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String shard : shards) {
      try (ByteSource source = folder.open(shard)) {
        SafetensorsHeader header = SafetensorsHeader.read(source);
        headers.put(shard, header);
        header.metadata().forEach(metadata::putIfAbsent);
        for (Entry entry : header.entries()) {
          shapes.put(entry.name(), entry.shape());
          stored.add(StoredTensor.of(shard, entry));
        }
      }
    }
    index.ifPresent(i -> i.checkTensors(headers));
    Family family = ModelType.of(folder, files, shapes);
    SafetensorsWeights found = SafetensorsWeights.of(folder, files, headers, family);
    Inventory inventory =
        new Inventory(Inventory.Format.SAFETENSORS, files, stored, metadata, found.leftOut());
    return new Checkpoint(folder.path(), family, found.tensors(), found.vectors(), inventory);
  }

  private static Checkpoint ofOnnx(Folder folder, List<String> files, String file)
      throws IOException {
    OnnxInitializers found;
    try (ByteSource source = folder.open(file)) {
      found = OnnxInitializers.read(source, file);
    }
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Tensor tensor : found.tensors()) {
      shapes.put(tensor.name(), List.of((long) tensor.rows(), (long) tensor.cols()));
    }
    Family family = ModelType.of(folder, files, shapes);
    Inventory inventory =
        new Inventory(Inventory.Format.ONNX, files, found.stored(), Map.of(), found.leftOut());
    return new Checkpoint(folder.path(), family, found.tensors(), found.vectors(), inventory);
  }

  private static Optional<String> onnx(Folder folder, List<String> files) {
    if (files.contains(ONNX)) {
      return Optional.of(ONNX);
    }
    List<String> onnx = files.stream().filter(file -> file.endsWith(".onnx")).toList();
    if (onnx.size() > 1) {
      throw new InputException(
          folder.path(),
          "Holds " + onnx.size() + " ONNX models: " + StrictJson.shorten(String.join(", ", onnx)),
          "Leave one in the folder, or call the one to use " + ONNX + ".");
    }
    return onnx.stream().findFirst();
  }

  private static InputException refusal(Folder folder, List<String> files) throws IOException {
    Optional<String> pickle = files.stream().filter(Pickle::isNamed).findFirst();
    if (pickle.isEmpty()) {
      pickle = pickled(folder, files);
    }
    if (pickle.isPresent()) {
      return Pickle.refusal(folder.path() + "/" + pickle.get());
    }
    String holds =
        files.isEmpty()
            ? "It holds no files"
            : "It holds "
                + String.join(", ", files.subList(0, Math.min(FILES_IN_MESSAGE, files.size())))
                + (files.size() > FILES_IN_MESSAGE ? " and " + files.size() + " files in all" : "");
    return new InputException(
        folder.path(),
        "No checkpoint: neither "
            + SINGLE
            + " nor "
            + ShardIndex.FILE
            + " nor a .onnx file. "
            + holds,
        "Give the directory of a Hugging Face checkpoint; a single safetensors file must be called "
            + SINGLE
            + ".");
  }

  /** A file that is a pickle by its first bytes, whatever its name; zips count as .bin only. */
  private static Optional<String> pickled(Folder folder, List<String> files) throws IOException {
    for (String file : files) {
      try (ByteSource source = folder.open(file)) {
        byte[] start = new byte[(int) Math.min(4, source.length())];
        source.readFully(0, start, 0, start.length);
        boolean zip = start.length > 0 && start[0] == 'P';
        if (Pickle.hasMagic(start) && (!zip || file.endsWith(".bin"))) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }
}
