package dev.assay.model;

import dev.assay.InputException;
import dev.assay.tensor.Matrix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A model that runs: dense, as {@link ModelLoader} made it, or with some of its matrices replaced.
 *
 * <p>Immutable and safe for any number of threads, each computing on its own core with one thread;
 * what a batch makes is freed when it returns. The same batch gives the same bits on the same
 * machine, whichever thread runs it. Native memory: 4 bytes per parameter for the dense model, and
 * for each overlay only what it replaces; freed by {@link #close}, behind batches still running.
 */
public final class Encoder implements AutoCloseable {
  private final ModelConfig config;
  private final Weights weights;
  private final Lease lease;
  private final Network network;
  private final Set<String> matrices;
  private boolean closed;

  /** Takes over one hold on {@code weights}, also when it fails. */
  private Encoder(ModelConfig config, Weights weights, Map<String, List<Link>> replaced) {
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
      this.network = Network.of(config, parameters);
    } catch (RuntimeException | Error e) {
      lease.release();
      throw e;
    }
    this.matrices = Set.copyOf(parameters.matrices());
  }

  /** The dense model; takes over {@code weights}. */
  static Encoder dense(ModelConfig config, Weights weights) {
    return new Encoder(config, weights, Map.of());
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
  public Set<String> matrices() {
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
  public Encoder with(Map<String, List<Link>> replaced) {
    for (String name : replaced.keySet()) {
      if (!matrices.contains(name)) {
        throw new IllegalArgumentException("The model computes with no matrix " + name);
      }
    }
    lease.hold("The model");
    try {
      weights.lease().hold("The checkpoint");
      return new Encoder(config, weights, replaced);
    } finally {
      lease.release();
    }
  }

  /** {@link #with}, each weight by one matrix, out × in. */
  public Encoder withMatrices(Map<String, Matrix> replaced) {
    Map<String, List<Link>> links = new LinkedHashMap<>();
    replaced.forEach((name, matrix) -> links.put(name, List.of(Link.of(matrix))));
    return with(links);
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

  /** Sentence embeddings, one row of length 1 per text. */
  public float[][] embeddings(Batch batch) {
    return embeddings(batch, Tap.NONE);
  }

  /**
   * Sentence embeddings, while {@code tap} sees what enters every linear: the mean of the last
   * hidden states over the tokens that are no padding, scaled to length 1 (Reimers and Gurevych,
   * 2019, as all-MiniLM-L6-v2 is used).
   *
   * @throws IllegalArgumentException if a text is longer than the model's positions, or has a token
   *     outside its vocabulary
   * @throws IllegalStateException if this model is closed
   */
  public float[][] embeddings(Batch batch, Tap tap) {
    float[][] sums =
        run(
            batch,
            tap,
            (hidden, pass) -> {
              Tensor ones = AbstractTensor.create(batch.ones(), batch.rows(), 1, batch.tokens());
              return ones.matmul(hidden).select(1, 0);
            });
    for (float[] sum : sums) {
      normalize(sum);
    }
    return sums;
  }

  /** Scales to length 1; the sum has the direction of the mean. A zero vector stays zero. */
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
    check(batch);
    lease.hold("The model");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Pass pass = Pass.of(batch, tap);
      return rows(output.apply(network.hidden(pass), pass));
    } finally {
      lease.release();
    }
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
