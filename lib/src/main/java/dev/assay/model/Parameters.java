package dev.assay.model;

import dev.assay.family.ModelConfig;
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

  /** The name of a parameter of the body, with the checkpoint's prefix. */
  String inBody(String name) {
    return weights.prefix() + name;
  }

  boolean has(String module) {
    return weights.rows(module + ".weight").isPresent();
  }

  /** Outputs of the sequence classification head; 0 where there is none. */
  int classes(ModelConfig config) {
    return Classes.of(config.family(), weights.prefix(), weights::rows);
  }

  /** Names of the matrices that were asked for: those that may be replaced. */
  Set<String> matrices() {
    return matrices;
  }

  /** The linear {@code module}, with its bias. */
  EffectiveLinear linear(String module, int out, int in) {
    return linear(module, out, in, memory.optional(weights.vector(module + ".bias", out)));
  }

  /** The linear {@code module}, which has no bias. */
  EffectiveLinear linearWithoutBias(String module, int out, int in) {
    return linear(module, out, in, none);
  }

  /** A look-up table's rows as a linear's, for a network that ends as it begins. */
  EffectiveLinear tied(String module, Tensor table) {
    return new EffectiveLinear(
        module + ".weight",
        List.of(new EffectiveLinear.Stage(table, ActivationQuantizer.NONE)),
        none,
        none);
  }

  private EffectiveLinear linear(String module, int out, int in, TensorOptional bias) {
    String name = module + ".weight";
    matrices.add(name);
    List<Link> links = replaced.get(name);
    List<EffectiveLinear.Stage> chain =
        links == null
            ? List.of(
                new EffectiveLinear.Stage(weights.matrix(name, out, in), ActivationQuantizer.NONE))
            : chain(name, links, out, in);
    return new EffectiveLinear(name, chain, bias, none);
  }

  Norm norm(String module, ModelConfig config) {
    int width = config.width();
    TensorOptional gamma = memory.optional(weights.vector(module + ".weight", width));
    return switch (config.family().anatomy().norms()) {
      case LAYER_NORM ->
          new LayerNorm(
              width,
              gamma,
              memory.optional(weights.vector(module + ".bias", width)),
              config.epsilon());
      case RMS_NORM -> new RmsNorm(width, gamma, config.epsilon());
    };
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
