package dev.assay.jobs.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The tables of a sweep, each with its explicit schema and the columns that identify a row.
 *
 * <p>Constants stand in the order of publication: what a row relies on lands before it, so that a
 * DONE cell never stands without its metrics, whenever the driver is killed.
 */
public enum Table {
  SPECTRUM(1, SpectrumRow.class, SpectrumRow.COLUMNS, List.of("sweep", "factors_id", "index")),
  LAYER_METRICS(
      2, LayerMetricsRow.class, LayerMetricsRow.COLUMNS, List.of("sweep", "cell_id", "matrix")),
  OUTPUT_METRICS(
      1,
      OutputMetricsRow.class,
      OutputMetricsRow.COLUMNS,
      List.of("sweep", "cell_id", "statistics_id", "matrix")),
  CELLS(1, CellRow.class, CellRow.COLUMNS, List.of("sweep", "cell_id")),
  SELECTION_OVERLAP(
      1, SelectionOverlapRow.class, SelectionOverlapRow.COLUMNS, List.of("sweep", "overlap_id")),
  ALLOCATIONS(
      1, AllocationRow.class, AllocationRow.COLUMNS, List.of("sweep", "allocation_id", "unit")),
  PREDICTIONS(1, PredictionRow.class, PredictionRow.COLUMNS, List.of("sweep", "trial_id", "row")),
  MODEL_METRICS(
      2, ModelMetricsRow.class, ModelMetricsRow.COLUMNS, List.of("sweep", "trial_id", "metric")),
  COMPARISONS(
      1,
      ComparisonRow.class,
      ComparisonRow.COLUMNS,
      List.of("sweep", "comparison_id", "a_trial_id", "b_trial_id")),
  RUNS(2, RunRow.class, RunRow.COLUMNS, List.of("run_id"));

  private final int version;
  private final List<String> identity;
  private final StructType schema;
  private final List<Function<TableRow, Object>> values;

  <R extends TableRow> Table(
      int version, Class<R> type, List<Column<R>> columns, List<String> identity) {
    this.version = version;
    this.identity = identity;
    this.schema =
        DataTypes.createStructType(
            Stream.of(Stamp.BEFORE, columns, Stamp.AFTER)
                .flatMap(List::stream)
                .map(Column::field)
                .toArray(StructField[]::new));
    this.values =
        columns.stream()
            .<Function<TableRow, Object>>map(column -> row -> column.value().apply(type.cast(row)))
            .toList();
  }

  /** The table's name in folders and in SQL: {@code runs}, {@code layer_metrics}, …. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Every column in order, with its meaning as comment. */
  public StructType schema() {
    return schema;
  }

  /** The columns that identify a row; of two rows with equal values the newer one counts. */
  public List<String> identity() {
    return identity;
  }

  public int version() {
    return version;
  }

  /** The row's values in the order of {@link #schema()}. */
  public Object[] values(TableRow row, Stamp stamp) {
    List<Object> all = new ArrayList<>(schema.size());
    Stamp.BEFORE.forEach(column -> all.add(column.value().apply(stamp)));
    values.forEach(value -> all.add(value.apply(row)));
    Stamp.AFTER.forEach(column -> all.add(column.value().apply(stamp)));
    return all.toArray();
  }

  /**
   * Refuses a row that cannot land.
   *
   * @throws IllegalArgumentException if a required column is null
   */
  public void check(TableRow row) {
    for (int i = 0; i < values.size(); i++) {
      StructField field = schema.apply(Stamp.BEFORE.size() + i);
      if (!field.nullable() && values.get(i).apply(row) == null) {
        throw new IllegalArgumentException(
            "Column " + field.name() + " of " + sqlName() + " must have a value: " + row);
      }
    }
  }

  /** The identifying values among {@link #values}. */
  public List<Object> identity(Object[] values) {
    return identity.stream().map(name -> values[schema.fieldIndex(name)]).toList();
  }
}
