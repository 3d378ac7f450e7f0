package dev.assay.jobs.steps.factorize;

import dev.assay.jobs.pool.Pause;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.store.FactorStore;
import dev.assay.linalg.FactorizerKind;
import dev.assay.plan.Plan.FactorTask;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes the factors that the cells need, each once, into the {@link FactorStore}, and their
 * {@code spectrum}.
 *
 * <p>{@code lapack} and {@code randomized} run inside tasks, one per matrix. {@code mllib} is
 * distributed and submitted from the driver, several matrices at once.
 */
public final class FactorStep {
  private static final Logger LOG = LoggerFactory.getLogger(FactorStep.class);
  private static final int MLLIB_IN_FLIGHT = 4;
  private static final Duration BEAT = Duration.ofMillis(100);
  private static final String COMPUTING = "factors were computed";

  private final SweepContext context;
  private final long userSeed;

  public FactorStep(SweepContext context, long userSeed) {
    this.context = context;
    this.userSeed = userSeed;
  }

  /**
   * Makes sure that all factors and their spectra are there.
   *
   * @param tasks what the cells need
   * @param known ids whose spectrum is in the table already
   * @return the factorizations that failed, by id; empty if the sweep was stopped meanwhile
   */
  public Optional<Map<String, Factorized.Failed>> run(List<FactorTask> tasks, Set<String> known)
      throws IOException {
    Configuration conf = context.spark().hadoopConfiguration();
    List<FactorTask> distributed = new ArrayList<>();
    List<FactorTask> local = new ArrayList<>();
    for (FactorTask task : tasks) {
      if (!known.contains(task.id()) || !context.factors().contains(task.id(), conf)) {
        boolean byMllib = task.factorization().factorizer() == FactorizerKind.MLLIB;
        (byMllib ? distributed : local).add(task);
      }
    }
    context
        .pulse()
        .begin(
            "factorize", distributed.size() + local.size(), seconds(distributed) + seconds(local));
    Map<String, Factorized.Failed> failures = new HashMap<>();
    MllibFactorization mllib = new MllibFactorization(context);
    ExecutorService pool = Executors.newFixedThreadPool(MLLIB_IN_FLIGHT);
    try {
      Map<FactorTask, Future<Factorized>> running = new LinkedHashMap<>();
      distributed.forEach(task -> running.put(task, pool.submit(() -> mllib.run(task))));
      TaskPool.Idle beat =
          () -> {
            landDone(running, failures);
            return context.pulse().beat();
          };
      boolean finished =
          new TaskPool(context.spark())
              .run(
                  "factorize " + local.size() + " matrices of " + context.labels().model(),
                  local,
                  new LocalFactorization(
                      context.model(),
                      context.labels(),
                      context.factors(),
                      context.hadoop(),
                      userSeed),
                  (task, result) -> land(task, result, failures),
                  (task, why) -> land(task, Factorized.Failed.of(task, why), failures),
                  beat);
      while (finished && !running.isEmpty()) {
        finished = beat.goOn();
        Pause.of(BEAT, COMPUTING);
      }
      return finished ? Optional.of(failures) : Optional.empty();
    } finally {
      pool.shutdownNow();
    }
  }

  private static double seconds(List<FactorTask> tasks) {
    return tasks.stream().mapToDouble(task -> task.work().seconds()).sum();
  }

  private void land(FactorTask task, Factorized result, Map<String, Factorized.Failed> failures) {
    if (result instanceof Factorized.Stored stored) {
      context.committer().append(stored.spectrum());
      context.pulse().advance(1, 0, task.work().seconds());
    } else if (result instanceof Factorized.Failed failed) {
      failures.put(failed.id(), failed);
      LOG.warn(
          "Factors {} of {} by {} are not possible: {}: {}",
          failed.id(),
          task.weight().name(),
          task.factorization().factorizer().id(),
          failed.errorClass(),
          failed.message());
      context.pulse().advance(0, 1, task.work().seconds());
    }
  }

  /** Lands what MLlib has brought meanwhile, and leaves in {@code running} what it has not. */
  private void landDone(
      Map<FactorTask, Future<Factorized>> running, Map<String, Factorized.Failed> failures)
      throws IOException {
    for (FactorTask task : List.copyOf(running.keySet())) {
      if (running.get(task).isDone()) {
        land(task, result(running.remove(task)), failures);
      }
    }
  }

  private static Factorized result(Future<Factorized> done) throws IOException {
    try {
      return done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while " + COMPUTING);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    }
  }
}
