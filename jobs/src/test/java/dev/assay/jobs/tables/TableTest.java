package dev.assay.jobs.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

public class TableTest {
  @Test
  void columnsStandInTheirDocumentedOrder() {
    assertThat(Table.RUNS.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep command status config config_hash left_out assay_version"
                    + " git_commit spark_version scala_version hadoop_version java_version os"
                    + " cpu_count host master blas_backend blas_gflops_f64 blas_gflops_f32"
                    + " executors started_at ended_at cells_planned cells_done cells_failed"
                    + " cells_skipped committed_at")
                .split(" "));
    assertThat(Table.CELLS.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep cell_id model architecture site unit recipe label aliases"
                    + " parameters recipe_json bits group_size rank keep sparsity factorizer seed"
                    + " status error_class error_message attempts seconds host executor"
                    + " committed_at")
                .split(" "));
    assertThat(Table.LAYER_METRICS.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep cell_id model architecture layer unit matrix role rows cols dtype"
                    + " relative_error sqnr_db max_abs_error cosine non_finite effective_bits"
                    + " stored_bytes committed_at")
                .split(" "));
    assertThat(Table.SPECTRUM.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep factors_id model matrix rows cols factorizer index"
                    + " singular_value cumulative_energy stable_rank effective_rank reference"
                    + " reference_value deviation committed_at")
                .split(" "));
    assertThat(Table.MODEL_METRICS.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep trial_id model architecture recipe label origin task split metric"
                    + " value n correct low high dense_value difference p_value agreement kl"
                    + " embedding_cosine effective_bits model_bits stored_bytes treatments seconds"
                    + " examples_per_second committed_at")
                .split(" "));
    assertThat(Table.COMPARISONS.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep comparison_id comparison model task split pair_by"
                    + " pair_value a a_label a_trial_id b b_label b_trial_id n a_correct b_correct"
                    + " only_a only_b p_value p_holm tests a_effective_bits b_effective_bits"
                    + " committed_at")
                .split(" "));
    assertThat(Table.SELECTION_OVERLAP.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep overlap_id model layer matrix keep a a_parameters b"
                    + " b_parameters shared iou committed_at")
                .split(" "));
    assertThat(Table.ALLOCATIONS.schema().fieldNames())
        .containsExactly(
            ("schema_version run_id sweep allocation_id allocation model unit cell_id label stored_bytes loss"
                    + " objective budget_bytes total_bytes total_loss loss_bound committed_at")
                .split(" "));
    assertThat(Table.PREDICTIONS.schema().fieldNames())
        .containsExactly(
            "schema_version run_id sweep trial_id label task split row values committed_at"
                .split(" "));
  }

  @Test
  void valuesStandUnderTheirNames() {
    assertThat(values(Samples.metrics("cell-1", "w", 0.1)))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "cell-1",
            "mini",
            "bert",
            0,
            "w",
            "w",
            "up",
            4,
            2,
            "F32",
            0.1,
            20.0,
            0.5,
            0.99,
            0L,
            4.25,
            34L,
            Samples.START);
    assertThat(values(Samples.singularValue("factors-1", 2)))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "factors-1",
            "mini",
            "layer.0.mlp.up.weight",
            4,
            3,
            "mllib",
            2,
            2.0,
            0.5,
            1.5,
            2.5,
            "lapack-double",
            2.0,
            1e-9,
            Samples.START);
    assertThat(values(Samples.accuracy("trial-1")))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "trial-1",
            "mini",
            "bert",
            "rtn",
            "rtn 4 bit",
            "uniform",
            "rte",
            "dev",
            "accuracy",
            0.75,
            4,
            3,
            0.3,
            0.95,
            1.0,
            -0.25,
            1.0,
            0.75,
            0.01,
            null,
            4.25,
            6.5,
            1234L,
            List.of("Truncated 1 of 4 inputs"),
            0.5,
            8.0,
            Samples.START);
    assertThat(values(Samples.comparison("comparison-1")))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "comparison-1",
            "primary",
            "mini",
            "rte",
            "dev",
            "keep",
            "16",
            "svd-preserve",
            "svd-preserve(keep=16)",
            "trial-1",
            "awq-preserve",
            "awq-preserve(keep=16)",
            "trial-2",
            40,
            30,
            28,
            3,
            1,
            0.625,
            1.0,
            12,
            4.25,
            4.5,
            Samples.START);
    assertThat(values(Samples.overlap("overlap-1")))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "overlap-1",
            "mini",
            null,
            "layer.0.mlp.up.weight",
            16L,
            "magnitude",
            Map.of(),
            "principal",
            Map.of("rank", "8"),
            4L,
            1.0 / 7,
            Samples.START);
    assertThat(values(Samples.allocation("mixed(bits=4)", "layer.0.mlp.up")))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "allocation-1",
            "mixed(bits=4)",
            "mini",
            "layer.0.mlp.up",
            "cell-1",
            "rtn 4 bit",
            34L,
            0.01,
            "weight-error",
            100L,
            68L,
            0.25,
            0.125,
            Samples.START);
    assertThat(values(Samples.prediction("trial-1", 2)))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "trial-1",
            "rtn 4 bit",
            "rte",
            "dev",
            2,
            List.of(-0.5, 1.25),
            Samples.START);
    CellRow cell = Samples.failedCell("cell-1");
    assertThat(values(cell))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "cell-1",
            "mini",
            "bert",
            "layer.0.mlp",
            "layer.0.mlp.up",
            "svd-preserve",
            "protect svd top-16 → rtn 4 bit",
            cell.recipe().aliases(),
            cell.recipe().parameters(),
            "{\"bits\":4}",
            4,
            null,
            8,
            16L,
            null,
            "lapack",
            42L,
            "FAILED",
            "IllegalStateException",
            "not positive definite",
            2,
            0.5,
            "node-1",
            "0",
            Samples.START);
    RunRow run = Samples.endedRun();
    assertThat(values(run))
        .containsExactly(
            1,
            "run-1",
            "quick",
            "sweep",
            "DONE",
            "{\"sweep\":\"quick\"}",
            "c0ffee",
            List.of("a.weight [2, 3], I8: not read"),
            "0.1.0",
            "abc123",
            "4.2.0",
            "2.13.18",
            "3.5.0",
            "17.0.15",
            "Linux amd64",
            2,
            "node-1",
            "local[2]",
            "openblas",
            80.5,
            150.25,
            run.executors(),
            Samples.START,
            Samples.START.plusSeconds(90),
            4L,
            2L,
            1L,
            1L,
            Samples.START);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void identityIsThatOfItsTable(TableRow row) {
    Table table = row.table();
    Object[] values = values(row);
    List<Object> identity = table.identity(values);
    assertThat(identity).hasSameSizeAs(table.identity()).doesNotContainNull();
    for (int i = 0; i < identity.size(); i++) {
      assertThat(values[table.schema().fieldIndex(table.identity().get(i))])
          .isEqualTo(identity.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void rowsTravelFromTasks(TableRow row) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(row);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(row);
    }
  }

  @Test
  void rowsWithoutRequiredValuesAreRefused() {
    CellRow row =
        new CellRow(
            "cell-1",
            "mini",
            null,
            "s",
            "u",
            Samples.doneCell("x").recipe(),
            1L,
            Samples.done(1, 1, "h", "e"));
    assertThatThrownBy(() -> Table.CELLS.check(row))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Column architecture of cells must have a value");
  }

  /** docs/tables.md lists every column in its order, with the type and meaning it has here. */
  @ParameterizedTest
  @EnumSource
  void columnsAreDocumented(Table table) throws IOException {
    assertThat(Files.readString(Samples.repository().resolve("docs/tables.md")))
        .contains(page(table));
  }

  public static Stream<TableRow> rows() {
    return Stream.of(
        Samples.endedRun(),
        Samples.startedRun(),
        Samples.doneCell("cell-1"),
        Samples.failedCell("cell-1"),
        Samples.metrics("cell-1", "w", 0.1),
        Samples.bareMetrics("cell-1", "w"),
        Samples.output("cell-1", "w"),
        Samples.singularValue("factors-1", 1),
        Samples.accuracy("trial-1"),
        Samples.prediction("trial-1", 0),
        Samples.comparison("comparison-1"),
        Samples.overlap("overlap-1"),
        Samples.allocation("mixed(bits=4)", "layer.0.mlp.up"));
  }

  private static Object[] values(TableRow row) {
    return row.table().values(row, new Stamp(1, "run-1", "quick", Samples.START));
  }

  private static String page(Table table) {
    StringBuilder page = new StringBuilder("| column | type | meaning |\n|---|---|---|\n");
    for (StructField field : table.schema().fields()) {
      page.append("| `")
          .append(field.name())
          .append("` | `")
          .append(field.dataType().simpleString())
          .append(field.nullable() ? "`, may be NULL" : "`")
          .append(" | ")
          .append(field.getComment().get().replace("|", "\\|"))
          .append(" |\n");
    }
    return page.toString();
  }
}
