package dev.assay.jobs.tables.read;

import dev.assay.InputException;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.OutputFolder;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.paths.SparkPath;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

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

  /**
   * What {@code results} is: text that Spark and DuckDB both take.
   *
   * <p>Columns are named one by one, for the joined tables share some names.
   */
  static final String RESULTS_SQL =
      """
      SELECT c.sweep, c.cell_id, c.run_id, c.model, c.architecture, c.site, c.unit, c.recipe,
        c.label, c.parameters, c.bits, c.group_size, c.rank, c.keep, c.sparsity, c.factorizer,
        c.seed, c.seconds, m.layer, m.matrix, m.role, m.rows, m.cols, m.dtype, m.relative_error,
        m.sqnr_db, m.max_abs_error, m.cosine, m.non_finite, m.effective_bits, m.stored_bytes
      FROM cells AS c JOIN layer_metrics AS m ON m.sweep = c.sweep AND m.cell_id = c.cell_id
      WHERE c.status = 'DONE'
      """;

  private Views() {}

  /**
   * Registers a view for every {@link Table}, and {@link #RESULTS}. Files that land afterwards are
   * not seen until it is called again.
   *
   * @param spark session that gets the views
   * @param out an output folder with all its sweeps, or the folder of one sweep
   * @return whether any table has a file
   * @throws InputException if {@code out} is no folder, or a file is too short to be a table's
   */
  public static boolean register(SparkSession spark, String out) {
    return Reading.of(spark, out, folder -> register(spark, folder));
  }

  private static boolean register(SparkSession spark, OutputFolder folder) {
    boolean any = false;
    // What relies on others is listed before them: all it relies on has landed by then.
    List<Table> tables = new ArrayList<>(List.of(Table.values()));
    Collections.reverse(tables);
    for (Table table : tables) {
      any |= !folder.folders(table).isEmpty();
      newest(spark, folder, table).createOrReplaceTempView(table.sqlName());
    }
    spark.sql(RESULTS_SQL).createOrReplaceTempView(RESULTS);
    return any;
  }

  /** The names of all views. */
  public static List<String> names() {
    return Stream.concat(
            Arrays.stream(Table.values()).map(Table::sqlName).sorted(), Stream.of(RESULTS))
        .toList();
  }

  /** The newest row of each identity. */
  public static Dataset<Row> newest(SparkSession spark, OutputFolder folder, Table table) {
    String landed = landed(table);
    files(spark, folder, table).createOrReplaceTempView(landed);
    try {
      return spark.sql(newestSql(table));
    } finally {
      spark.catalog().dropTempView(landed);
    }
  }

  /** The name under which {@link #newestSql} knows every row of a table that ever landed. */
  static String landed(Table table) {
    return table.sqlName() + "_landed";
  }

  /**
   * What a table's view is: text that Spark and DuckDB both take. Columns are qualified, for some
   * have names that would be words of SQL without.
   */
  static String newestSql(Table table) {
    return """
        SELECT %s
        FROM (SELECT a.*, row_number() OVER (PARTITION BY %s
          ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM %s AS a) AS a
        WHERE a.newest = 1
        """
        .formatted(
            columns(List.of(table.schema().fieldNames())),
            columns(table.identity()),
            landed(table));
  }

  /**
   * Every row that ever landed.
   *
   * @throws UncheckedIOException of a FileNotFoundException if a file went while it was looked for;
   *     {@link Reading} lists again then
   */
  public static Dataset<Row> files(SparkSession spark, OutputFolder folder, Table table) {
    List<Path> folders = folder.folders(table);
    if (folders.isEmpty()) {
      return spark.createDataFrame(List.of(), table.schema());
    }
    Dataset<Row> rows =
        spark
            .read()
            .schema(table.schema())
            .option("recursiveFileLookup", "true")
            .option("pathGlobFilter", OutputFolder.DATA_FILES)
            .option("ignoreCorruptFiles", "false")
            .option("ignoreMissingFiles", "false")
            .option("parquet.page.verify-checksum.enabled", "true")
            .parquet(folders.stream().map(Views::literal).toArray(String[]::new));
    refuseIfFilesWent(rows, folder.names(table));
    return rows;
  }

  /**
   * Folders are listed one after the other: a file merged meanwhile may be missing from the one and
   * what it was merged into from the other. So no file may be missing that was there before.
   */
  private static void refuseIfFilesWent(Dataset<Row> rows, Set<String> before) {
    Set<String> listed =
        Arrays.stream(rows.inputFiles())
            .map(file -> SparkPath.fromUrlString(file).toPath().getName())
            .collect(Collectors.toSet());
    for (String name : before) {
      if (!listed.contains(name)) {
        throw new UncheckedIOException(new FileNotFoundException(name));
      }
    }
  }

  private static String columns(List<String> names) {
    return names.stream().map(name -> "a." + name).collect(Collectors.joining(", "));
  }

  /** A path that Spark's globbing takes for itself. */
  private static String literal(Path path) {
    return path.toString().replaceAll("[{}\\[\\]*?\\\\]", "\\\\$0");
  }
}
