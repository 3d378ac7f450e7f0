package dev.assay.model;

import dev.assay.InputException;
import dev.assay.family.ModelConfig;
import dev.assay.tensor.Matrix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A model that runs: dense, as {@link ModelLoader} made it, or with some of its matrices replaced.
 *
 * <p>Immutable and safe for any number of threads, each computing on its own core with one thread;
 * what a batch makes is freed when it returns. The same batch gives the same bits on the same
 * machine, whichever thread runs it. Native memory: 4 bytes per parameter for the dense model, and
 * for each overlay only what it replaces; freed by {@link #close}, behind batches still running.
 */
public final class Model implements AutoCloseable {
  private final ModelConfig config;
  private final Weights weights;
  private final Lease lease;
  private final Network network;
  private final Set<String> matrices;
  private boolean closed;

  /** Takes over one hold on {@code weights}, also when it fails. */
  private Model(ModelConfig config, Weights weights, Map<String, List<Link>> replaced) {
    NativeMemory memory = new NativeMemory();
    Parameters parameters = new Parameters(weights, replaced, memory);
    this.config = config;
    this.weights = weights;
    this.lease =
        new Lease(
            () -> {
              memory.free();
              weights.lease().release();
            });
    try {
      this.network = NetworkBuilder.build(config, parameters);
    } catch (RuntimeException | Error e) {
      lease.release();
      throw e;
    }
    this.matrices = Set.copyOf(parameters.matrices());
  }

  /** The dense model; takes over {@code weights}. */
  static Model dense(ModelConfig config, Weights weights) {
    return new Model(config, weights, Map.of());
  }

  /** The shape of the model. */
  public ModelConfig config() {
    return config;
  }

  /** Number of logits of the sequence classification head; 0 where there is none. */
  public int classes() {
    return network.head().map(Head::classes).orElse(0);
  }

  /** Names in the checkpoint of the matrices that take part, and so can be replaced. */
  Set<String> matrices() {
    return new TreeSet<>(matrices);
  }

  /**
   * This model with some matrices replaced, which shares everything else with it. The matrices are
   * copied; either model may be closed first.
   *
   * @param replaced name in the checkpoint to the chain that stands for the weight, first applied
   *     first: its product, out × in, has the shape of what it replaces. Embedding tables take one
   *     matrix. What this model itself replaces is not inherited
   * @throws IllegalArgumentException if a name is none of {@link #matrices} or shapes do not fit
   * @throws IllegalStateException if this model is closed
   */
  public Model with(Map<String, List<Link>> replaced) {
    for (String name : replaced.keySet()) {
      if (!matrices.contains(name)) {
        throw new IllegalArgumentException("The model computes with no matrix " + name);
      }
    }
    lease.hold("The model");
    try {
      weights.lease().hold("The checkpoint");
      return new Model(config, weights, replaced);
    } finally {
      lease.release();
    }
  }

  /** Logits, one row of {@link #classes} numbers per text. */
  public float[][] logits(Batch batch) {
    return logits(batch, Tap.NONE);
  }

  /**
   * Logits, while {@code tap} sees what enters every linear.
   *
   * @throws InputException if the model has no sequence classification head
   * @throws IllegalArgumentException if a text is longer than the model's positions, or has a token
   *     outside its vocabulary
   * @throws IllegalStateException if this model is closed
   */
  public float[][] logits(Batch batch, Tap tap) {
    Head head = head();
    return run(batch, tap, (hidden, pass) -> head.apply(hidden, pass));
  }

  /**
   * Logits of every token's next one, while {@code tap} sees what enters every linear.
   *
   * @return rows · tokens × vocabulary, row by row; what stands at padding means nothing
   * @throws InputException if the model makes none
   * @throws IllegalArgumentException as {@link #logits(Batch, Tap)}
   * @throws IllegalStateException if this model is closed
   */
  public Matrix tokenLogits(Batch batch, Tap tap) {
    EffectiveLinear logits =
        network
            .logits()
            .orElseThrow(
                () ->
                    new InputException(
                        weights.path(),
                        "The model makes no logits of the next token",
                        "Give the checkpoint of a causal language model, whole."));
    return matrix(
        batch, tap, config.vocabulary(), pass -> logits.apply(network.hidden(pass), pass));
  }

  /** Sentence embeddings pooled by their mean, one row of length 1 per text. */
  public float[][] embeddings(Batch batch) {
    return embeddings(batch, Pooling.MEAN);
  }

  /** Sentence embeddings, one row of length 1 per text. */
  public float[][] embeddings(Batch batch, Pooling pooling) {
    return embeddings(batch, pooling, Tap.NONE);
  }

  /**
   * Sentence embeddings, while {@code tap} sees what enters every linear: the last hidden states
   * pooled and scaled to length 1. A zero vector stays zero.
   *
   * @throws IllegalArgumentException if a text is longer than the model's positions, or has a token
   *     outside its vocabulary
   * @throws IllegalStateException if this model is closed
   */
  public float[][] embeddings(Batch batch, Pooling pooling, Tap tap) {
    float[][] vectors = run(batch, tap, (hidden, pass) -> pool(hidden, batch, pooling));
    for (float[] vector : vectors) {
      normalize(vector);
    }
    return vectors;
  }

  /** A sum has the direction of the mean, which is all that is asked of it. */
  private static Tensor pool(Tensor hidden, Batch batch, Pooling pooling) {
    if (pooling == Pooling.CLS) {
      return hidden.select(1, 0);
    }
    Tensor ones = AbstractTensor.create(batch.ones(), batch.rows(), 1, batch.tokens());
    return ones.matmul(hidden).select(1, 0);
  }

  /**
   * What the losses of labelled examples say of some linears of the dense model, one example
   * independent of the others: with these, ∂ℓ/∂W = Σ g·xᵀ over an example's tokens. The model is
   * left as it is. About three times the time of {@link #logits(Batch)}; memory for all activations
   * of the batch at once.
   *
   * @param losses of every text
   * @param linears names of their weights, of {@link #matrices}
   * @return of every text, by linear
   * @throws InputException if the model has no sequence classification head
   * @throws IllegalArgumentException as {@link #logits(Batch, Tap)}, or if there is not one loss
   *     for each text, or a name is none of a linear
   * @throws IllegalStateException if this model is closed
   */
  public List<Map<String, TokenGradients>> gradients(
      Batch batch, List<? extends Loss> losses, Set<String> linears) {
    Head head = head();
    check(batch, losses);
    lease.hold("The model");
    try (PointerScope scope = new PointerScope();
        AutoGradMode guard = new AutoGradMode(true);
        GradientRecorder recorder = new GradientRecorder(Set.copyOf(linears), batch)) {
      Pass pass = network.pass(batch, recorder, Dropout.NONE);
      Tensor embedded = network.embed(pass);
      // What is computed from it can be differentiated; the weights stay constants.
      embedded.set_requires_grad(true);
      Tensor logits = head.apply(network.hidden(embedded, pass), pass);
      return recorder.gradients(total(losses, logits));
    } finally {
      lease.release();
    }
  }

  /** The gradient of the summed losses of a batch by some of the tensors that it is made of. */
  Gradient gradient(
      Batch batch, List<? extends Loss> losses, Dropout dropout, TensorVector parameters) {
    Head head = head();
    check(batch, losses);
    lease.hold("The model");
    try (PointerScope scope = new PointerScope();
        AutoGradMode guard = new AutoGradMode(true)) {
      Pass pass = network.pass(batch, Tap.NONE, dropout);
      Tensor total = total(losses, head.apply(network.hidden(pass), pass));
      TensorVector gradients = torch.grad(new TensorVector(total), parameters);
      gradients.retainReference();
      return new Gradient(total.item_double(), losses.size(), gradients);
    } finally {
      lease.release();
    }
  }

  private static Tensor total(List<? extends Loss> losses, Tensor logits) {
    Tensor total = losses.get(0).of(logits.select(0, 0));
    for (int i = 1; i < losses.size(); i++) {
      total = total.add(losses.get(i).of(logits.select(0, i)));
    }
    return total;
  }

  /**
   * What enters the first block: the embeddings of a batch's tokens.
   *
   * @return rows · tokens × width, row by row, padding included
   * @throws IllegalArgumentException as {@link #logits(Batch, Tap)}
   * @throws IllegalStateException if this model is closed
   */
  public Matrix embed(Batch batch) {
    return matrix(batch, Tap.NONE, config.width(), network::embed);
  }

  /**
   * Runs some of the blocks, while {@code tap} sees what enters their linears: a model that is run
   * block by block needs no more memory than a block.
   *
   * @param hidden what enters block {@code from}, as {@link #embed} or this method gave it; what
   *     stands at padding has no influence on the other tokens
   * @param from index of the first block
   * @param to index behind the last
   * @return what leaves the last, rows · tokens × width
   * @throws IllegalArgumentException if there are no such blocks, or {@code hidden} is of another
   *     shape
   * @throws IllegalStateException if this model is closed
   */
  public Matrix blocks(Matrix hidden, Batch batch, int from, int to, Tap tap) {
    if (from < 0 || to < from || to > config.layers()) {
      throw new IllegalArgumentException(
          "No blocks " + from + " to " + to + " in " + config.layers());
    }
    if (hidden.rows() != batch.rows() * batch.tokens() || hidden.cols() != config.width()) {
      throw new IllegalArgumentException(
          "Hidden states of " + hidden + " do not fit the batch and width " + config.width());
    }
    return matrix(
        batch,
        tap,
        config.width(),
        pass -> {
          Tensor x =
              AbstractTensor.create(hidden.data(), batch.rows(), batch.tokens(), config.width());
          for (Block block : network.blocks().subList(from, to)) {
            Tensor input = x;
            x = Pass.scoped(() -> block.apply(input, pass));
          }
          return x;
        });
  }

  private static void normalize(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] * scale);
    }
  }

  private Head head() {
    Optional<Head> head = network.head();
    return head.orElseThrow(
        () ->
            new InputException(
                weights.path(),
                "The model has no sequence classification head",
                "Evaluate it on sentence similarity, or give a checkpoint fine-tuned to classify."));
  }

  private float[][] run(Batch batch, Tap tap, BiFunction<Tensor, Pass, Tensor> output) {
    return compute(batch, tap, pass -> rows(output.apply(network.hidden(pass), pass)));
  }

  private Matrix matrix(Batch batch, Tap tap, int width, Function<Pass, Tensor> output) {
    return compute(
        batch,
        tap,
        pass -> {
          int rows = batch.rows() * batch.tokens();
          float[] data = new float[Math.multiplyExact(rows, width)];
          new FloatPointer(output.apply(pass).contiguous().data_ptr()).get(data);
          return Matrix.of(rows, width, data);
        });
  }

  private <R> R compute(Batch batch, Tap tap, Function<Pass, R> work) {
    check(batch);
    lease.hold("The model");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      return work.apply(network.pass(batch, tap, Dropout.NONE));
    } finally {
      lease.release();
    }
  }

  private void check(Batch batch, List<? extends Loss> losses) {
    if (losses.size() != batch.rows()) {
      throw new IllegalArgumentException(losses.size() + " losses for " + batch.rows() + " texts");
    }
    check(batch);
  }

  /** What libtorch would answer with an error of its own, or with a read out of bounds. */
  private void check(Batch batch) {
    if (batch.tokens() > config.positions()) {
      throw new IllegalArgumentException(
          "A text of "
              + batch.tokens()
              + " tokens exceeds the "
              + config.positions()
              + " positions of the model");
    }
    for (long id : batch.ids()) {
      if (id < 0 || id >= config.vocabulary()) {
        throw new IllegalArgumentException(
            "Token " + id + " is not in the vocabulary of " + config.vocabulary());
      }
    }
    for (long type : batch.types()) {
      if (config.types() > 0 && (type < 0 || type >= config.types())) {
        throw new IllegalArgumentException(
            "Token type " + type + " of a model with " + config.types());
      }
    }
  }

  private static float[][] rows(Tensor matrix) {
    int rows = (int) matrix.size(0);
    int cols = (int) matrix.size(1);
    FloatPointer data = new FloatPointer(matrix.contiguous().data_ptr());
    float[][] result = new float[rows][cols];
    for (int i = 0; i < rows; i++) {
      data.position((long) i * cols).get(result[i]);
    }
    return result;
  }

  /**
   * Frees this model's own native memory, as soon as no batch runs on it. A second call is idle.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    lease.release();
  }
}
