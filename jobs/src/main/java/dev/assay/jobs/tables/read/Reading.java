package dev.assay.jobs.tables.read;

import dev.assay.jobs.tables.QueryErrors;
import dev.assay.jobs.tables.land.OutputFolder;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Asks something of tables whose files a compaction may merge meanwhile: a question that misses a
 * file it has listed is asked again, of the files that are there by then.
 */
public final class Reading {
  /** Each time a compaction must have come between. */
  public static final int TRIES = 5;

  private Reading() {}

  /**
   * The answer of a question that reads all it needs before it returns.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   * @throws dev.assay.InputException if {@code out} is no folder or holds a damaged file
   */
  public static <T> T of(SparkSession spark, String out, Function<OutputFolder, T> question) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    for (int tried = 1; ; tried++) {
      try {
        return question.apply(OutputFolder.open(conf, out));
      } catch (Exception e) {
        // Spark's Scala throws checked exceptions without declaring them.
        if (tried == TRIES || !QueryErrors.isMissingFile(e)) {
          throw QueryErrors.translate(e);
        }
      }
    }
  }
}
