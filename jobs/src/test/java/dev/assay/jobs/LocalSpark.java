package dev.assay.jobs;

import dev.assay.jobs.cluster.NativePlugin;
import org.apache.spark.sql.SparkSession;

/** The Spark application of this JVM, for tests that run sweeps. */
public final class LocalSpark {
  private static final String TEMPORARY = System.getProperty("java.io.tmpdir");

  private LocalSpark() {}

  /**
   * The running application if it has this master and Assay's plugin; else a fresh one in its
   * place, for a JVM holds one at a time. Commands stop it when they end.
   */
  public static synchronized SparkSession session(String master) {
    SparkSession running = running();
    if (running != null) {
      if (running.sparkContext().master().equals(master)
          && running.sparkContext().conf().contains("spark.plugins")) {
        return running;
      }
      running.stop();
    }
    SparkSession session =
        SparkSession.builder()
            .master(master)
            .appName("end to end")
            .config("spark.plugins", NativePlugin.class.getName())
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            // For executors of their own, where the master starts any.
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.executorEnv.OPENBLAS_NUM_THREADS", "1")
            .config("spark.executor.memory", "512m")
            .config("spark.executor.extraJavaOptions", "\"-Djava.io.tmpdir=" + TEMPORARY + "\"")
            .config("spark.sql.warehouse.dir", "target/spark-warehouse")
            .getOrCreate();
    session.sparkContext().setLogLevel("OFF");
    return session;
  }

  /** On two cores. */
  public static SparkSession session() {
    return session("local[2]");
  }

  /** Stops what is running. */
  public static synchronized void stop() {
    SparkSession running = running();
    if (running != null) {
      running.stop();
    }
  }

  private static SparkSession running() {
    return SparkSession.getDefaultSession()
        .filter(session -> !session.sparkContext().isStopped())
        .getOrElse(() -> null);
  }
}
