package dev.assay.model;

import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * Where an architecture finds its parameters: the dense weights, and above them what a trial puts
 * in their places.
 */
final class Parameters {
  private final Weights weights;
  private final Map<String, List<Link>> replaced;
  private final NativeMemory memory;
  private final TensorOptional none;
  private final Set<String> matrices = new TreeSet<>();

  /**
   * @param replaced name of a matrix in the checkpoint to its chain
   * @param memory owns what is made here
   */
  Parameters(Weights weights, Map<String, List<Link>> replaced, NativeMemory memory) {
    this.weights = weights;
    this.replaced = replaced;
    this.memory = memory;
    this.none = memory.none();
  }

  /** The name of a parameter of the encoder, with the checkpoint's prefix. */
  String inEncoder(String name) {
    return weights.prefix() + name;
  }

  boolean hasLinear(String module) {
    return weights.hasMatrix(module + ".weight");
  }

  /** How many outputs a linear has that the checkpoint holds. */
  int outputs(String module) {
    return weights.rows(module + ".weight");
  }

  /** Names of the matrices that were asked for: those that may be replaced. */
  Set<String> matrices() {
    return matrices;
  }

  /** The linear {@code module}, with its bias. */
  EffectiveLinear linear(String module, int out, int in) {
    String name = module + ".weight";
    matrices.add(name);
    List<Link> links = replaced.get(name);
    List<EffectiveLinear.Stage> chain =
        links == null
            ? List.of(
                new EffectiveLinear.Stage(weights.matrix(name, out, in), ActivationQuantizer.NONE))
            : chain(name, links, out, in);
    return new EffectiveLinear(
        name, chain, memory.optional(weights.vector(module + ".bias", out)), none);
  }

  LayerNorm norm(String module, ModelConfig config) {
    int width = config.width();
    return new LayerNorm(
        width,
        memory.optional(weights.vector(module + ".weight", width)),
        memory.optional(weights.vector(module + ".bias", width)),
        config.epsilon());
  }

  /** A look-up table, rows × cols. */
  Tensor table(String module, int rows, int cols) {
    String name = module + ".weight";
    matrices.add(name);
    List<Link> links = replaced.get(name);
    if (links == null) {
      return weights.matrix(name, rows, cols);
    }
    if (links.size() != 1) {
      throw new IllegalArgumentException(
          name + " is a table and takes one matrix, not a chain of " + links.size());
    }
    if (links.get(0).quantizer() != ActivationQuantizer.NONE) {
      throw new IllegalArgumentException(
          name
              + " is a table: nothing enters it that could be rounded; leave it out of the recipe");
    }
    return chain(name, links, rows, cols).get(0).weight();
  }

  private List<EffectiveLinear.Stage> chain(String name, List<Link> links, int out, int in) {
    List<EffectiveLinear.Stage> chain = new ArrayList<>();
    int width = in;
    for (Link link : links) {
      Matrix matrix = link.matrix();
      if (matrix.cols() != width) {
        throw new IllegalArgumentException(
            name + ": a matrix of " + shape(matrix) + " cannot take an input of " + width);
      }
      width = matrix.rows();
      chain.add(
          new EffectiveLinear.Stage(
              memory.tensor(matrix, matrix.rows(), matrix.cols()), link.quantizer()));
    }
    if (chain.isEmpty() || width != out) {
      throw new IllegalArgumentException(
          name
              + " needs "
              + out
              + " × "
              + in
              + ", but its "
              + chain.size()
              + " matrices make "
              + width
              + " × "
              + in);
    }
    return chain;
  }

  private static String shape(Matrix matrix) {
    return matrix.rows() + " × " + matrix.cols();
  }
}
