package dev.assay.jobs.tables;

import org.apache.spark.sql.SparkSession;

/** The one Spark application that the tests of this package share. */
public final class TestSpark {
  private static SparkSession spark;

  private TestSpark() {}

  /** A fresh session, with views and settings of its own, of a shared local[2]. */
  public static synchronized SparkSession session() {
    if (spark == null || spark.sparkContext().isStopped()) {
      spark = start();
    }
    return spark.newSession();
  }

  private static SparkSession start() {
    SparkSession started =
        SparkSession.builder()
            .master("local[2]")
            .appName("tables")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.warehouse.dir", "target/spark-warehouse")
            .config("spark.sql.shuffle.partitions", "3")
            .config("spark.sql.session.timeZone", "America/St_Johns")
            .getOrCreate();
    started.sparkContext().setLogLevel("OFF");
    return started;
  }
}
