package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.TensorData;
import dev.assay.family.Architecture;
import dev.assay.family.Classifier;
import dev.assay.family.ModelConfig;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * An encoder that learns to classify, by AdamW (Loshchilov and Hutter, ICLR 2019, arXiv 1711.05101;
 * β = 0.9, 0.999, ε = 1e-8) on gradients clipped to a norm of 1.
 *
 * <p>Gradients of parts of a batch can be computed by several threads, each on its own core; a step
 * adds them in the order it is given, so what is learned does not depend on the number of threads.
 * Native memory: 4 bytes for each parameter, 8 more for each that is learned, and those of the
 * gradients.
 */
public final class TrainableModel implements AutoCloseable {
  private static final double HEAD_DEVIATION = 0.02;
  private static final double LONGEST_GRADIENT = 1;

  private final Weights weights;
  private final Model model;
  private final double dropout;
  private final TensorVector parameters;
  private final AdamW optimizer;

  private TrainableModel(Weights weights, Model model, Training training) {
    this.weights = weights;
    this.model = model;
    this.dropout = training.dropout();
    List<String> tables =
        model
            .config()
            .family()
            .anatomy()
            .embeddings()
            .modules()
            .map(module -> weights.prefix() + module + ".")
            .toList();
    List<Tensor> vectors = new ArrayList<>();
    List<Tensor> matrices = new ArrayList<>();
    weights
        .loaded()
        .forEach(
            (name, tensor) -> {
              if (training.learned() == Training.Learned.ALL
                  || tables.stream().noneMatch(name::startsWith)) {
                tensor.set_requires_grad(true);
                (tensor.dim() == 1 ? vectors : matrices).add(tensor);
              }
            });
    TensorVector decaying = new TensorVector(matrices.toArray(Tensor[]::new));
    TensorVector staying = new TensorVector(vectors.toArray(Tensor[]::new));
    matrices.addAll(vectors);
    this.parameters = new TensorVector(matrices.toArray(Tensor[]::new));
    this.optimizer = new AdamW(decaying, options(training.weightDecay()));
    optimizer.add_param_group(new OptimizerParamGroup(staying, options(0)));
  }

  private static AdamWOptions options(double decay) {
    AdamWOptions options = new AdamWOptions(0);
    options.weight_decay().put(decay);
    return options;
  }

  /**
   * Reads the model in {@code folder}; a checkpoint without a pooler gets a new one.
   *
   * @throws dev.assay.InputException as {@link ModelLoader#load}, or if models of this family do
   *     not classify
   */
  public static TrainableModel open(Folder folder, Training training) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    ModelConfig config = ModelLoader.config(folder, checkpoint);
    Classifier classifier =
        config
            .family()
            .anatomy()
            .classifier()
            .orElseThrow(
                () ->
                    new InputException(
                        checkpoint.path(),
                        "Models of type " + config.modelType() + " do not learn to classify here",
                        "Choose an encoder."));
    TorchRuntime.load();
    Weights given = Weights.of(folder, checkpoint, config.family());
    Weights weights =
        Weights.of(folder, checkpoint, config.family(), head(given, classifier, config, training));
    try {
      Model model = Model.dense(config, weights);
      try {
        weights.checkAllUsed();
        return new TrainableModel(weights, model, training);
      } catch (RuntimeException e) {
        model.close();
        throw e;
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** What the checkpoint lacks of a head, or is not to give. */
  private static Map<String, Matrix> head(
      Weights given, Classifier classifier, ModelConfig config, Training training) {
    String dense = Classes.dense(classifier, given.prefix());
    Random random = new Random(training.seed());
    Map<String, Matrix> made = new TreeMap<>();
    int width = config.width();
    if (given.rows(dense + ".weight").isEmpty()) {
      addLinear(made, dense, width, width, random);
    }
    if (training.head() == Training.Head.NEW || !made.isEmpty()) {
      addLinear(made, classifier.out(), training.outputs(), width, random);
    }
    return made;
  }

  private static void addLinear(
      Map<String, Matrix> to, String module, int out, int in, Random random) {
    Matrix weight = Matrix.zeros(out, in);
    for (int i = 0; i < weight.data().length; i++) {
      weight.data()[i] = (float) (HEAD_DEVIATION * random.nextGaussian());
    }
    to.put(module + ".weight", weight);
    to.put(module + ".bias", Matrix.zeros(1, out));
  }

  /** The model as it is now. It changes with every step, and belongs to this object. */
  public Model model() {
    return model;
  }

  /**
   * The gradient of the summed losses of some examples, with dropout. Safe for several threads, but
   * not during {@link #step}. Three to four times the time of {@link Model#logits(Batch)}.
   *
   * @param losses of every text of the batch
   * @param seed of what is dropped
   */
  public Gradient gradient(Batch batch, List<? extends Loss> losses, long seed) {
    return model.gradient(batch, losses, Dropout.of(dropout, seed), parameters);
  }

  /**
   * Learns from some gradients, added up in their order and divided by the number of their
   * examples; closes them.
   *
   * @param rate learning rate
   * @return length of the mean gradient before it was clipped; where it is not finite, neither are
   *     the parameters any more
   */
  public double step(List<Gradient> gradients, double rate) {
    int examples = gradients.stream().mapToInt(Gradient::examples).sum();
    double length;
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < parameters.size(); i++) {
        Tensor sum = gradients.get(0).of(i);
        for (Gradient more : gradients.subList(1, gradients.size())) {
          sum.add_(more.of(i));
        }
        parameters.get(i).mutable_grad().put(sum.mul_(new Scalar(1.0 / examples)));
      }
      length = torch.clip_grad_norm_(parameters, LONGEST_GRADIENT);
      for (long group = 0; group < optimizer.param_groups().size(); group++) {
        optimizer.param_groups().get(group).options().set_lr(rate);
      }
      optimizer.step();
      for (int i = 0; i < parameters.size(); i++) {
        parameters.get(i).mutable_grad().reset();
      }
    }
    gradients.forEach(Gradient::close);
    return length;
  }

  /**
   * Every parameter as it is now, by the name that Transformers' class for sequence classification
   * knows it by, in 32 bits.
   */
  public Map<String, TensorData> parameters() {
    Architecture family = model.config().family();
    Classifier classifier = family.anatomy().classifier().orElseThrow();
    String prefix = weights.prefix();
    Map<String, TensorData> all = new LinkedHashMap<>();
    weights
        .loaded()
        .forEach(
            (name, tensor) -> {
              boolean head =
                  name.startsWith(classifier.out() + ".")
                      || (!classifier.pooler() && name.startsWith(classifier.dense() + "."));
              String known = head ? name : family.base() + "." + name.substring(prefix.length());
              all.put(known, data(tensor));
            });
    return all;
  }

  private static TensorData data(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      long[] shape = new long[(int) tensor.dim()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = tensor.size(i);
      }
      float[] values = new float[Math.toIntExact(tensor.numel())];
      new FloatPointer(tensor.data_ptr()).get(values);
      return TensorData.of(DType.F32, values, shape);
    }
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
    model.close();
  }
}
