package dev.assay.jobs.run;

import dev.assay.InputException;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.JavaUtils;

/** Refuses a plan whose largest task cannot fit the JVM that would run it. */
public final class Heap {
  private Heap() {}

  /**
   * Compares estimates with the heap of one task's JVM. Tasks side by side may still be too much; a
   * lost executor is Spark's to replace.
   *
   * @throws InputException naming the setting to raise
   */
  public static void check(Plan plan, StatisticsIds statistics, SparkConf conf) {
    long needed = plan.memory(statistics);
    boolean local = conf.get("spark.master", "local").matches("local(\\[[^,]*(,\\d+)?\\])?");
    long heap =
        local
            ? Runtime.getRuntime().maxMemory()
            : JavaUtils.byteStringAsBytes(conf.get("spark.executor.memory", "1g"));
    if (needed > heap) {
      throw new InputException(
          "memory",
          "The largest task needs about "
              + mebibytes(needed)
              + " MiB of heap, and its JVM has "
              + mebibytes(heap),
          "Give it more by "
              + (local ? "--driver-memory" : "--executor-memory")
              + ", or exclude the largest matrices");
    }
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
