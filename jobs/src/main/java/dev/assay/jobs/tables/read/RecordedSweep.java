package dev.assay.jobs.tables.read;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;

import dev.assay.InputException;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.OutputFolder;
import java.util.Collection;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * What the tables say of one sweep: how it was asked for, and what became of cells.
 *
 * @param folder {@code <out>/<sweep>}, full path
 */
public record RecordedSweep(String folder) {
  /**
   * A cell's newest row.
   *
   * @param id its id
   * @param unit its matrix
   * @param status how it ended
   * @param error why it failed, empty where it did not
   */
  public record RecordedCell(String id, String unit, CellStatus status, String error) {}

  /**
   * The sweeps of an output, or the one whose folder this is.
   *
   * @throws InputException if {@code out} is no folder, or a file is too short to be a table's
   */
  public static List<RecordedSweep> under(SparkSession spark, String out) {
    return OutputFolder.open(spark.sparkContext().hadoopConfiguration(), out)
        .sweepsWith(Table.RUNS)
        .stream()
        .map(path -> new RecordedSweep(path.toString()))
        .toList();
  }

  /** The sweep's name: that of its folder. */
  public String name() {
    return new Path(folder).getName();
  }

  /** The folder that holds this sweep's. */
  public Path out() {
    return new Path(folder).getParent();
  }

  /** The distinct configurations of its runs, as JSON, the one used last first. */
  public List<String> configurations(SparkSession spark) {
    return Reading.of(
        spark,
        folder,
        files ->
            Views.files(spark, files, Table.RUNS)
                .groupBy("config")
                .agg(max("started_at").as("last"))
                .orderBy(col("last").desc(), col("config"))
                .collectAsList()
                .stream()
                .map(row -> row.<String>getAs("config"))
                .toList());
  }

  /**
   * The newest rows of the cells with an id, and of those of a model and recipe.
   *
   * @param ids ids of cells
   * @param model the model's name
   * @param label the recipe in full, or one of its aliases
   */
  public List<RecordedCell> cells(
      SparkSession spark, Collection<String> ids, String model, String label) {
    return Reading.of(spark, folder, files -> cells(spark, files, ids, model, label));
  }

  private static List<RecordedCell> cells(
      SparkSession spark, OutputFolder files, Collection<String> ids, String model, String label) {
    return Views.newest(spark, files, Table.CELLS)
        .where(
            col("cell_id")
                .isin(ids.toArray())
                .or(
                    col("model")
                        .equalTo(model)
                        .and(
                            col("label").equalTo(label).or(array_contains(col("aliases"), label)))))
        .select("cell_id", "unit", "status", "error_message")
        .collectAsList()
        .stream()
        .map(
            row ->
                new RecordedCell(
                    row.getString(0),
                    row.getString(1),
                    CellStatus.valueOf(row.getString(2)),
                    row.isNullAt(3) ? "" : row.getString(3)))
        .toList();
  }
}
