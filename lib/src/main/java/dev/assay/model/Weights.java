package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.Tensor;
import dev.assay.family.Architecture;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of a checkpoint in libtorch's memory, as 32-bit floats: each read once, when an
 * architecture first asks for it, never changed, shared by all trials, freed with the last of them.
 */
final class Weights {
  private final Folder folder;
  private final String path;
  private final Architecture family;
  private final Map<String, Tensor> vectors = new TreeMap<>();
  private final Map<String, Tensor> matrices = new TreeMap<>();
  private final Map<String, Matrix> made;
  private final String prefix;
  private final Map<String, org.bytedeco.pytorch.Tensor> loaded = new LinkedHashMap<>();
  private final NativeMemory memory = new NativeMemory();
  private final Lease lease = new Lease(memory::free);

  private Weights(
      Folder folder, Checkpoint checkpoint, Architecture family, Map<String, Matrix> made) {
    this.folder = folder;
    this.path = checkpoint.path();
    this.family = family;
    this.made = Map.copyOf(made);
    checkpoint.vectors().forEach(tensor -> vectors.put(family.loaded(tensor.name()), tensor));
    checkpoint.matrices().forEach(tensor -> matrices.put(tensor.name(), tensor));
    this.prefix =
        Classes.prefix(family, matrices.keySet())
            .orElseThrow(
                () ->
                    new InputException(
                        path,
                        "Has no tensor "
                            + family.anatomy().embeddings().words()
                            + ".weight, under any prefix",
                        "Give a whole checkpoint of a model of type " + family.type() + "."));
  }

  /** The tensors of {@code checkpoint}, none of them read yet. */
  static Weights of(Folder folder, Checkpoint checkpoint, Architecture family) {
    return new Weights(folder, checkpoint, family, Map.of());
  }

  /**
   * The tensors of {@code checkpoint}, and some that are not there or stand in the places of some
   * that are.
   *
   * @param made those, by name; vectors are matrices of one row
   */
  static Weights of(
      Folder folder, Checkpoint checkpoint, Architecture family, Map<String, Matrix> made) {
    return new Weights(folder, checkpoint, family, made);
  }

  /** What stands before every name of the body: {@code bert.}, {@code model.}, or nothing. */
  String prefix() {
    return prefix;
  }

  /** Rows of a matrix, if there is such a one. */
  OptionalInt rows(String matrix) {
    if (made.containsKey(matrix)) {
      return OptionalInt.of(made.get(matrix).rows());
    }
    Tensor tensor = matrices.get(matrix);
    return tensor == null ? OptionalInt.empty() : OptionalInt.of(tensor.rows());
  }

  /** What was loaded by now, in the order in which it was asked for. */
  synchronized Map<String, org.bytedeco.pytorch.Tensor> loaded() {
    return new LinkedHashMap<>(loaded);
  }

  /** Held by every model that computes with these weights. */
  Lease lease() {
    return lease;
  }

  /** The checkpoint, for messages. */
  String path() {
    return path;
  }

  org.bytedeco.pytorch.Tensor matrix(String name, int rows, int cols) {
    return load(matrices, name, List.of(rows, cols), rows, cols);
  }

  org.bytedeco.pytorch.Tensor vector(String name, int size) {
    return load(vectors, name, List.of(1, size), size);
  }

  private Tensor required(Map<String, Tensor> tensors, String name, List<Integer> shape) {
    List<Integer> wanted = shape.get(0) == 1 && tensors == vectors ? shape.subList(1, 2) : shape;
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new InputException(
          path,
          "Has no tensor "
              + name
              + " of F32, F16 or BF16 with "
              + (wanted.size() == 1 ? "one dimension" : "two dimensions"),
          "The model needs it with shape "
              + wanted
              + ": give a whole checkpoint, with the config.json that belongs to it.");
    }
    if (!tensor.shape().equals(shape)) {
      List<Integer> found = tensors == vectors ? List.of(tensor.cols()) : tensor.shape();
      throw new InputException(
          path + ", tensor " + name,
          "Has shape " + found + " where the configuration asks for " + wanted,
          "Give the config.json that belongs to the weights.");
    }
    return tensor;
  }

  private synchronized org.bytedeco.pytorch.Tensor load(
      Map<String, Tensor> tensors, String name, List<Integer> stored, long... shape) {
    return loaded.computeIfAbsent(name, key -> memory.tensor(read(tensors, key, stored), shape));
  }

  private Matrix read(Map<String, Tensor> tensors, String name, List<Integer> shape) {
    if (made.containsKey(name)) {
      return made.get(name);
    }
    try {
      return Checkpoint.read(folder, required(tensors, name, shape));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks that the architecture has a place for every tensor.
   *
   * @throws InputException naming those that it has not
   */
  void checkAllUsed() {
    Set<String> left = new TreeSet<>(vectors.keySet());
    left.addAll(matrices.keySet());
    left.removeAll(loaded.keySet());
    left.removeIf(family::ignores);
    if (!left.isEmpty()) {
      String first = left.iterator().next();
      throw new InputException(
          path + ", tensor " + first,
          "Has no place in the model that config.json describes"
              + (left.size() > 1 ? ", as " + (left.size() - 1) + " others" : ""),
          "Give the config.json that belongs to the weights.");
    }
  }
}
