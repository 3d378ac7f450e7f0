package dev.assay.jobs.tables.read;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.OutputFolder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What the DONE cells of a sweep store and cost, each the sum over its matrices. */
public final class MeasuredCells {
  private final Map<String, Long> bytes = new HashMap<>();
  private final Map<String, Double> weightErrors = new HashMap<>();
  private final Map<String, Double> outputErrors = new HashMap<>();

  private MeasuredCells() {}

  /**
   * Reads them.
   *
   * @param sweep the sweep's folder
   */
  public static MeasuredCells read(SparkSession spark, String sweep) {
    MeasuredCells found = new MeasuredCells();
    Reading.of(
            spark,
            sweep,
            folder ->
                Views.newest(spark, folder, Table.LAYER_METRICS)
                    .join(done(spark, folder), "cell_id")
                    .groupBy("cell_id")
                    .agg(
                        sum("stored_bytes").as("bytes"),
                        sum(col("relative_error").multiply(col("relative_error"))).as("error"))
                    .collectAsList())
        .forEach(
            row -> {
              found.bytes.put(row.getString(0), row.getLong(1));
              if (!row.isNullAt(2)) {
                found.weightErrors.put(row.getString(0), row.getDouble(2));
              }
            });
    Reading.of(
            spark,
            sweep,
            folder ->
                Views.newest(spark, folder, Table.OUTPUT_METRICS)
                    .groupBy("cell_id", "statistics_id")
                    .agg(sum("relative_output_error").as("error"))
                    .collectAsList())
        .forEach((Row row) -> found.outputErrors.put(key(row), row.getDouble(2)));
    return found;
  }

  /** Metrics land before their cell, which may have failed since, or not have landed. */
  private static Dataset<Row> done(SparkSession spark, OutputFolder folder) {
    return Views.newest(spark, folder, Table.CELLS)
        .where(col("status").equalTo(CellStatus.DONE.name()))
        .select("cell_id");
  }

  private static String key(Row row) {
    return Progress.output(row.getString(0), row.getString(1));
  }

  /** Stored bytes of a cell; nothing where it is not measured. */
  public Optional<Long> bytes(String cell) {
    return Optional.ofNullable(bytes.get(cell));
  }

  /** Σ ‖W−Ŵ‖² / ‖W‖²; nothing where it is not known. */
  public Optional<Double> weightError(String cell) {
    return Optional.ofNullable(weightErrors.get(cell));
  }

  /** Σ ‖(W−Ŵ)X‖² / ‖WX‖² on the tokens of some statistics; nothing where it is not known. */
  public Optional<Double> outputError(String cell, String statisticsId) {
    return Optional.ofNullable(outputErrors.get(Progress.output(cell, statisticsId)));
  }
}
