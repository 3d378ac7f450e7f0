package dev.assay.jobs.tables;

import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** Rows and folders to test with. */
public final class Samples {
  public static final Instant START = Instant.parse("2026-11-22T10:00:00.123456Z");

  private Samples() {}

  public static Committer committer(Path out, String sweep, String run, Clock clock) {
    return Committer.open(new Configuration(), out.toString(), sweep, run, clock);
  }

  /** Commits rows as one run. */
  public static void land(Path out, String sweep, String run, Clock clock, TableRow... rows)
      throws IOException {
    try (Committer committer = committer(out, sweep, run, clock)) {
      committer.append(List.of(rows));
    }
  }

  public static Clock at(Instant instant) {
    return Clock.fixed(instant, ZoneOffset.UTC);
  }

  /** A clock that goes on by one second each time it is asked. */
  public static Clock ticking() {
    return new Clock() {
      private Instant last = START;

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return InstantSource.system().withZone(zone);
      }

      @Override
      public synchronized Instant instant() {
        last = last.plus(Duration.ofSeconds(1));
        return last;
      }
    };
  }

  public static CellRow doneCell(String id) {
    return cell(id, done(1, 0.25, "node-1", "driver"));
  }

  public static CellRow failedCell(String id) {
    return cell(
        id,
        new CellRow.Outcome(
            CellStatus.FAILED,
            "IllegalStateException",
            "not positive definite",
            2,
            0.5,
            "node-1",
            "0"));
  }

  /** How a cell ends that is computed. */
  public static CellRow.Outcome done(int attempts, double seconds, String host, String executor) {
    return new CellRow.Outcome(CellStatus.DONE, null, null, attempts, seconds, host, executor);
  }

  public static CellRow cell(String id, CellRow.Outcome outcome) {
    return cell(id, "layer.0.mlp.up", "protect svd top-16 → rtn 4 bit", outcome);
  }

  public static CellRow cell(String id, String unit, String label, CellRow.Outcome outcome) {
    return new CellRow(
        id,
        "mini",
        "bert",
        "layer.0.mlp",
        unit,
        new CellRow.RecipeColumns(
            "svd-preserve",
            label,
            List.of("svd-preserve k=16", "naïve, \"quoted\""),
            Map.of("bits", "4", "k", "16"),
            "{\"bits\":4}",
            4,
            null,
            8,
            16L,
            null,
            "lapack"),
        42L,
        outcome);
  }

  public static LayerMetricsRow metrics(String cell, String matrix, double error) {
    return new LayerMetricsRow(
        cell,
        "mini",
        "bert",
        0,
        matrix,
        matrix,
        "up",
        4,
        2,
        "F32",
        error,
        -20 * Math.log10(error),
        0.5,
        0.99,
        0L,
        4.25,
        34L);
  }

  public static OutputMetricsRow output(String cell, String matrix) {
    return new OutputMetricsRow(cell, "statistics-1", "tiny", 0, matrix, 0.01, 512);
  }

  /** Metrics of a matrix of which only a product is approximated, outside the layers. */
  public static LayerMetricsRow bareMetrics(String cell, String matrix) {
    return new LayerMetricsRow(
        cell, "mini", "bert", null, matrix, matrix, "weight", 4, 2, "BF16", null, null, null, null,
        0L, 4.25, 34L);
  }

  public static List<SpectrumRow> spectrum(String factors, int values) {
    return IntStream.rangeClosed(1, values).mapToObj(i -> singularValue(factors, i)).toList();
  }

  public static SpectrumRow singularValue(String factors, int index) {
    return new SpectrumRow(
        factors,
        "mini",
        "layer.0.mlp.up.weight",
        4,
        3,
        "mllib",
        index,
        4.0 / index,
        index / 4.0,
        1.5,
        index == 1 ? null : 2.5,
        index == 1 ? null : "lapack-double",
        index == 1 ? null : 4.0 / index,
        index == 1 ? null : 1e-9);
  }

  public static ModelMetricsRow accuracy(String trial) {
    return modelMetrics(
        trial,
        new ModelMetricsRow.Measured("accuracy", 0.75, 4, 3, 0.3, 0.95),
        new ModelMetricsRow.Against(1.0, -0.25, 1.0, 0.75, 0.01, null));
  }

  public static ModelMetricsRow spearman(String trial) {
    return modelMetrics(
        trial,
        new ModelMetricsRow.Measured("spearman", Double.NaN, 4, null, -1, 1),
        new ModelMetricsRow.Against(0.5, Double.NaN, null, null, null, 0.9));
  }

  private static ModelMetricsRow modelMetrics(
      String trial, ModelMetricsRow.Measured measured, ModelMetricsRow.Against against) {
    return new ModelMetricsRow(
        trial,
        "mini",
        "bert",
        "rtn",
        "rtn 4 bit",
        "uniform",
        "rte",
        "dev",
        measured,
        against,
        new ModelMetricsRow.Size(4.25, 6.5, 1234),
        List.of("Truncated 1 of 4 inputs"),
        0.5,
        8.0);
  }

  public static PredictionRow prediction(String trial, int row) {
    return new PredictionRow(trial, "rtn 4 bit", "rte", "dev", row, List.of(-0.5, 1.25));
  }

  public static ComparisonRow comparison(String id) {
    return new ComparisonRow(
        id,
        "primary",
        "mini",
        "rte",
        "dev",
        "keep",
        "16",
        new ComparisonRow.Side("svd-preserve", "svd-preserve(keep=16)", "trial-1", 30, 4.25),
        new ComparisonRow.Side("awq-preserve", "awq-preserve(keep=16)", "trial-2", 28, 4.5),
        new ComparisonRow.Test(40, 3, 1, 0.625, 1, 12));
  }

  public static AllocationRow allocation(String name, String unit) {
    return new AllocationRow(
        "allocation-1",
        name,
        "mini",
        unit,
        "cell-1",
        "rtn 4 bit",
        34,
        0.01,
        new AllocationRow.Whole("weight-error", 100, 68, 0.25, 0.125));
  }

  public static SelectionOverlapRow overlap(String id) {
    return new SelectionOverlapRow(
        id,
        "mini",
        null,
        "layer.0.mlp.up.weight",
        16,
        new SelectionOverlapRow.Selector("magnitude", Map.of()),
        new SelectionOverlapRow.Selector("principal", Map.of("rank", "8")),
        4);
  }

  public static RunRow startedRun() {
    return RunRow.started(
        "sweep",
        "{\"sweep\":\"quick\"}",
        "c0ffee",
        List.of("a.weight [2, 3], I8: not read"),
        new RunRow.Software("0.1.0", "abc123", "4.2.0", "2.13.18", "3.5.0", "17.0.15"),
        new RunRow.Machine("Linux amd64", 2, "node-1", "local[2]", "openblas", 80.5, 150.25),
        START,
        4);
  }

  public static RunRow endedRun() {
    return startedRun()
        .ended(
            RunStatus.DONE,
            START.plusSeconds(90),
            new RunRow.Counts(4, 2, 1, 1),
            Map.of("0", "openblas 80", "1", "java 11"));
  }

  /** The statements of the n-th block of SQL in docs/tables.md. */
  public static Stream<String> documentedSql(int block) throws IOException {
    String page = Files.readString(repository().resolve("docs/tables.md"));
    String statements = page.split("```sql\n")[block + 1].split("```")[0];
    return Stream.of(statements.split(";")).map(String::strip).filter(sql -> !sql.isEmpty());
  }

  /** The root of the repository. */
  public static Path repository() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** Regular files below a folder, relative to it, sorted. */
  public static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** The only data file of a table. */
  public static Path onlyFile(Path out, Table table) throws IOException {
    try (Stream<Path> all = Files.walk(out)) {
      List<Path> found =
          all.filter(file -> file.toString().endsWith(".parquet"))
              .filter(file -> file.toString().contains("/" + table.sqlName() + "/"))
              .toList();
      if (found.size() != 1) {
        throw new IllegalStateException("Expected one file of " + table + ", not " + found);
      }
      return found.get(0);
    }
  }
}
