package dev.assay.jobs.tables.read;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;

import dev.assay.InputException;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.OutputFolder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What an output holds already; what a resumed sweep need not compute.
 *
 * @param cells cell id to the status of its newest row. A DONE cell without a single row in {@code
 *     layer_metrics}, as after a damaged file was deleted, is left out
 * @param factors ids of factors whose spectrum is there without a gap
 * @param trials ids of trials that have been evaluated
 * @param predictions ids of trials whose single outputs are kept
 */
public record Progress(
    Map<String, CellStatus> cells,
    Set<String> factors,
    Set<String> trials,
    Set<String> predictions) {
  /** Nothing is there. */
  public static final Progress NONE = new Progress(Map.of(), Set.of(), Set.of(), Set.of());

  /** Copies the collections. */
  public Progress {
    cells = Map.copyOf(cells);
    factors = Set.copyOf(factors);
    trials = Set.copyOf(trials);
    predictions = Set.copyOf(predictions);
  }

  /**
   * Reads the progress of an output, or of one sweep in it; an output that is not there has none.
   *
   * @param spark a session
   * @param out an output folder with all its sweeps, or the folder of one sweep
   * @throws InputException if {@code out} is a file, or a table's file is damaged
   */
  public static Progress read(SparkSession spark, String out) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    if (!OutputFolder.exists(conf, out)) {
      return NONE;
    }
    return Reading.of(
        spark,
        out,
        folder ->
            new Progress(
                cells(spark, folder),
                factors(spark, folder),
                trials(spark, folder, Table.MODEL_METRICS),
                trials(spark, folder, Table.PREDICTIONS)));
  }

  private static Map<String, CellStatus> cells(SparkSession spark, OutputFolder folder) {
    // Listed in this order: the metrics of every cell that is seen have landed before it.
    Dataset<Row> cells = Views.newest(spark, folder, Table.CELLS).select("cell_id", "status");
    Dataset<Row> measured =
        Views.files(spark, folder, Table.LAYER_METRICS).select("cell_id").distinct();
    Dataset<Row> settled = cells.where(col("status").notEqual(CellStatus.DONE.name()));
    Dataset<Row> done =
        cells
            .where(col("status").equalTo(CellStatus.DONE.name()))
            .join(measured, measured.col("cell_id").equalTo(cells.col("cell_id")), "leftsemi");
    Map<String, CellStatus> found = new HashMap<>();
    for (Row row : settled.union(done).collectAsList()) {
      found.put(row.getString(0), CellStatus.valueOf(row.getString(1)));
    }
    return found;
  }

  /**
   * What output errors are known: {@link #output} of every row of {@code output_metrics}.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   */
  public static Set<String> outputs(SparkSession spark, String out) {
    Set<String> found = new HashSet<>();
    distinct(spark, out, Table.OUTPUT_METRICS, "cell_id", "statistics_id")
        .forEach(row -> found.add(output(row.getString(0), row.getString(1))));
    return found;
  }

  /**
   * How many inputs of every trial have a prediction.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   */
  public static Map<String, Long> predicted(SparkSession spark, String out) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    Map<String, Long> found = new HashMap<>();
    if (!OutputFolder.exists(conf, out)) {
      return found;
    }
    Reading.of(
            spark,
            out,
            folder ->
                Views.files(spark, folder, Table.PREDICTIONS)
                    .groupBy("trial_id")
                    .agg(count_distinct(col("row")).as("rows"))
                    .collectAsList())
        .forEach(row -> found.put(row.getString(0), row.getLong(1)));
    return found;
  }

  /**
   * The pairs that have been compared: {@link #compared} of every row of {@code comparisons}.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   */
  public static Set<String> comparisons(SparkSession spark, String out) {
    Set<String> found = new HashSet<>();
    distinct(spark, out, Table.COMPARISONS, "comparison_id", "a_trial_id", "b_trial_id")
        .forEach(row -> found.add(compared(row.getString(0), row.getString(1), row.getString(2))));
    return found;
  }

  /** What stands for a pair of a comparison. */
  public static String compared(String comparisonId, String trialId, String otherTrialId) {
    return comparisonId + "/" + trialId + "/" + otherTrialId;
  }

  /**
   * Ids of the overlaps that are known.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   */
  public static Set<String> overlaps(SparkSession spark, String out) {
    Set<String> found = new HashSet<>();
    distinct(spark, out, Table.SELECTION_OVERLAP, "overlap_id")
        .forEach(row -> found.add(row.getString(0)));
    return found;
  }

  /**
   * Ids of the allocations that are known.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   */
  public static Set<String> allocations(SparkSession spark, String out) {
    Set<String> found = new HashSet<>();
    distinct(spark, out, Table.ALLOCATIONS, "allocation_id")
        .forEach(row -> found.add(row.getString(0)));
    return found;
  }

  private static List<Row> distinct(
      SparkSession spark, String out, Table table, String column, String... more) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    if (!OutputFolder.exists(conf, out)) {
      return List.of();
    }
    return Reading.of(
        spark,
        out,
        folder ->
            Views.files(spark, folder, table).select(column, more).distinct().collectAsList());
  }

  /** What stands for the output error of a cell under some statistics. */
  public static String output(String cellId, String statisticsId) {
    return cellId + "/" + statisticsId;
  }

  /**
   * Stored bytes of every cell, over its matrices.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   */
  public static Map<String, Long> storedBytes(SparkSession spark, String out) {
    Map<String, Long> bytes = new HashMap<>();
    Reading.of(
            spark,
            out,
            folder ->
                Views.newest(spark, folder, Table.LAYER_METRICS)
                    .groupBy("cell_id")
                    .agg(sum("stored_bytes").as("bytes"))
                    .collectAsList())
        .forEach(row -> bytes.put(row.getString(0), row.getLong(1)));
    return bytes;
  }

  private static Set<String> trials(SparkSession spark, OutputFolder folder, Table table) {
    Set<String> found = new HashSet<>();
    Views.files(spark, folder, table)
        .select("trial_id")
        .distinct()
        .collectAsList()
        .forEach(row -> found.add(row.getString(0)));
    return found;
  }

  private static Set<String> factors(SparkSession spark, OutputFolder folder) {
    Set<String> found = new HashSet<>();
    Views.files(spark, folder, Table.SPECTRUM)
        .groupBy("factors_id")
        .agg(
            min("index").as("first"),
            max("index").as("last"),
            count_distinct(col("index")).as("values"))
        .where("first = 1 AND last = values")
        .select("factors_id")
        .collectAsList()
        .forEach(row -> found.add(row.getString(0)));
    return found;
  }
}
