package dev.assay.jobs.tables;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import dev.assay.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;

/**
 * The tables of an output as temporary views of a session: of every identity the newest row.
 *
 * <p>Files are read with the explicit schemas of {@link Table}, so a column that an older file
 * lacks is NULL. Only the committers' files are read; a damaged one is an error and never left out.
 * A table without files is an empty view.
 */
public final class Views {
  /** The view that joins what was done with what it cost. */
  public static final String RESULTS = "results";

  /** Columns of {@code results} that {@code layer_metrics} gives; the rest are of {@code cells}. */
  private static final List<String> METRICS =
      List.of(
          "layer",
          "matrix",
          "rows",
          "cols",
          "dtype",
          "relative_error",
          "sqnr_db",
          "max_abs_error",
          "cosine",
          "non_finite",
          "effective_bits",
          "stored_bytes");

  private static final List<String> CELLS =
      List.of(
          "run_id",
          "sweep",
          "cell_id",
          "model",
          "architecture",
          "site",
          "unit",
          "recipe",
          "label",
          "parameters",
          "bits",
          "group_size",
          "rank",
          "keep",
          "sparsity",
          "factorizer",
          "seed",
          "seconds");

  private Views() {}

  /**
   * Registers {@code runs}, {@code cells}, {@code layer_metrics}, {@code spectrum} and {@code
   * results}. Files that land afterwards are not seen until it is called again.
   *
   * @param spark session that gets the views
   * @param out an output folder with all its sweeps, or the folder of one sweep
   * @return whether any table has a file
   * @throws InputException if {@code out} is no folder, or a file is too short to be a table's
   */
  public static boolean register(SparkSession spark, String out) {
    OutputFolder folder = OutputFolder.open(spark.sparkContext().hadoopConfiguration(), out);
    boolean any = false;
    for (Table table : Table.values()) {
      any |= !folder.folders(table).isEmpty();
      newest(spark, folder, table).createOrReplaceTempView(table.sqlName());
    }
    results(spark).createOrReplaceTempView(RESULTS);
    return any;
  }

  /** The names of all views. */
  public static List<String> names() {
    return Stream.concat(
            Arrays.stream(Table.values()).map(Table::sqlName).sorted(), Stream.of(RESULTS))
        .toList();
  }

  /** The newest row of each identity. */
  static Dataset<Row> newest(SparkSession spark, OutputFolder folder, Table table) {
    Column[] identity = columns(table.identity());
    return files(spark, folder, table)
        .withColumn(
            "newest",
            row_number()
                .over(
                    Window.partitionBy(identity)
                        .orderBy(col("committed_at").desc(), col("run_id").desc())))
        .where("newest = 1")
        .drop("newest");
  }

  /** Every row that ever landed. */
  static Dataset<Row> files(SparkSession spark, OutputFolder folder, Table table) {
    List<Path> folders = folder.folders(table);
    if (folders.isEmpty()) {
      return spark.createDataFrame(List.of(), table.schema());
    }
    return spark
        .read()
        .schema(table.schema())
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", OutputFolder.DATA_FILES)
        .option("ignoreCorruptFiles", "false")
        .option("ignoreMissingFiles", "false")
        .option("parquet.page.verify-checksum.enabled", "true")
        .parquet(folders.stream().map(Views::literal).toArray(String[]::new));
  }

  private static Dataset<Row> results(SparkSession spark) {
    Dataset<Row> cells =
        spark
            .table(Table.CELLS.sqlName())
            .where(col("status").equalTo(CellStatus.DONE.name()))
            .select(columns(CELLS));
    List<String> metrics = new ArrayList<>(List.of("sweep", "cell_id"));
    metrics.addAll(METRICS);
    return cells.join(
        spark.table(Table.LAYER_METRICS.sqlName()).select(columns(metrics)),
        new String[] {"sweep", "cell_id"});
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(name -> col(name)).toArray(Column[]::new);
  }

  /** A path that Spark's globbing takes for itself. */
  private static String literal(Path path) {
    return path.toString().replaceAll("[{}\\[\\]*?\\\\]", "\\\\$0");
  }
}
