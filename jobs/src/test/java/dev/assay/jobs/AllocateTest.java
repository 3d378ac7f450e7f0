package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.jobs.sweep.SweepRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Budgets over measured cells, from the configuration to the models' answers and their export. */
class AllocateTest {
  private static final String[] SWEEP = {
    "matrices=[\"encoder.layer.0.*\"]",
    "recipes=[{method=rtn, bits=[2,3,4,8]}, {method=dense}, {method=svd, rank=32}]",
    "task=paraphrase",
    "calibration { use = always, task = paraphrase, sequences = 16 }",
    "allocations=[{name=mixed, bits=[3.6, 4.5]}, {name=narrow, bytes=500000, recipes=[\"rtn(*\"]},"
        + " {name=by-output, bits=3.6, minimize=output-error}, {name=tiny, bits=1}, {name=same, bits=3.1, recipes=[\"rtn(bits=3)\"]}]"
  };

  @TempDir private static Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  /** A unit's measured cells: bytes and squared relative error. */
  private record Measured(String unit, String label, long bytes, double loss) {}

  @Test
  void budgetsAreAllocatedEvaluatedResumedAndExported() throws IOException {
    Path out = temporary.resolve("out");
    Sweeps.Ended first = Sweeps.command("sweep", Sweeps.arguments(out, SWEEP));
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.out()).contains("Allocated over the measured cells", "mixed(bits=3.6)");
    assertThat(first.err())
        .contains("Not allocated: tiny(bits=1): the smallest cells store")
        .contains("and the budget is");
    SweepFiles files = Sweeps.files(out);
    Map<String, List<Measured>> units = measured(files);
    assertThat(units).hasSize(6);
    long weights = 4 * 384L * 384 + 2 * 1536L * 384;
    check(files, units, "mixed(bits=3.6)", (long) (3.6 * weights / 8), "");
    check(files, units, "mixed(bits=4.5)", (long) (4.5 * weights / 8), "");
    check(files, units, "narrow(bytes=500000)", 500_000, "rtn(");
    check(files, onOutputs(files, units), "by-output(bits=3.6)", (long) (3.6 * weights / 8), "");

    // The model is evaluated with what was allocated, beside the uniform ones.
    List<List<Object>> answers =
        files.query(
            "SELECT label, recipe, origin, n, effective_bits FROM ${model_metrics}"
                + " WHERE metric = 'accuracy' AND origin = 'allocated' ORDER BY effective_bits");
    assertThat(answers).extracting(row -> row.get(0)).contains("mixed(bits=3.6)");
    for (List<Object> row : answers) {
      assertThat(row.get(1)).isIn("mixed", "narrow", "by-output");
      assertThat(row.get(3)).isEqualTo(240);
      Object stored =
          files
              .column(
                  "SELECT DISTINCT total_bytes FROM ${allocations} WHERE allocation = '"
                      + row.get(0)
                      + "'")
              .get(0);
      assertThat((Double) row.get(4)).isCloseTo(8.0 * (Long) stored / weights, within(1e-12));
    }
    assertThat(files.query("SELECT DISTINCT origin FROM ${model_metrics} WHERE recipe = 'rtn'"))
        .containsExactly(List.of("uniform"));

    // What comes to a uniform model is that model, and its answers.
    assertThat(
            files.column(
                "SELECT DISTINCT label FROM ${allocations} WHERE allocation = 'same(bits=3.1)'"))
        .containsExactly("rtn(bits=3)");
    assertThat(files.column("SELECT label FROM ${model_metrics}"))
        .doesNotContain("same(bits=3.1)")
        .contains("rtn(bits=3)");
    assertThat(first.out().lines().filter(line -> line.strip().startsWith("same(bits=3.1)")))
        .singleElement()
        .asString()
        .contains("accuracy", "weight-error");

    List<Path> paths = files.paths();
    SweepRun.Summary again = Sweeps.run(Sweeps.settings(out, SWEEP));
    assertThat(again.done()).isZero();
    assertThat(again.trials()).hasSize(10);
    assertThat(files.paths()).isEqualTo(paths);

    Path to = temporary.resolve("exported");
    Sweeps.Ended exported =
        Sweeps.command("export", List.of(out.toString(), "recipe=mixed(bits=3.6)", "to=" + to));
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(exported.out()).contains("6 matrices of mixed(bits=3.6)");
    assertThat(Files.readString(to.resolve("assay.json")))
        .contains("\"recipes\"", "\"encoder.layer.0.output.dense.weight\" : ");
  }

  /** The allocation is within its budget, no other loses less, and it says so. */
  private static void check(
      SweepFiles files, Map<String, List<Measured>> units, String name, long budget, String prefix)
      throws IOException {
    List<List<Object>> rows =
        files.query(
            "SELECT unit, label, stored_bytes, loss, budget_bytes, total_bytes, total_loss,"
                + " loss_bound FROM ${allocations} WHERE allocation = '"
                + name
                + "'");
    assertThat(rows).hasSize(units.size());
    long bytes = 0;
    double loss = 0;
    for (List<Object> row : rows) {
      Measured cell =
          units.get((String) row.get(0)).stream()
              .filter(one -> one.label().equals(row.get(1)))
              .findFirst()
              .orElseThrow();
      assertThat(row.get(2)).isEqualTo(cell.bytes());
      assertThat((Double) row.get(3)).isCloseTo(cell.loss(), within(1e-15));
      bytes += cell.bytes();
      loss += cell.loss();
    }
    double expected = loss;
    long stored = bytes;
    List<List<Measured>> choices = new ArrayList<>();
    units
        .values()
        .forEach(of -> choices.add(of.stream().filter(c -> c.label().startsWith(prefix)).toList()));
    double least = least(choices, 0, budget);
    assertThat(expected).isCloseTo(least, within(1e-12));
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.get(4)).isEqualTo(budget);
              assertThat(row.get(5)).isEqualTo(stored);
              assertThat((Double) row.get(6)).isCloseTo(expected, within(1e-12));
              assertThat((Double) row.get(7)).isCloseTo(least, within(1e-12));
            });
    assertThat(stored).isLessThanOrEqualTo(budget);
  }

  private static double least(List<List<Measured>> units, int at, long left) {
    if (at == units.size()) {
      return 0;
    }
    double least = Double.POSITIVE_INFINITY;
    for (Measured cell : units.get(at)) {
      if (cell.bytes() <= left) {
        least = Math.min(least, cell.loss() + least(units, at + 1, left - cell.bytes()));
      }
    }
    return least;
  }

  /** The same cells with their errors on the calibration tokens. */
  private static Map<String, List<Measured>> onOutputs(
      SweepFiles files, Map<String, List<Measured>> units) throws IOException {
    Map<String, Double> errors = new HashMap<>();
    for (List<Object> row :
        files.query(
            "SELECT unit, label, o.relative_output_error FROM ${cells} JOIN"
                + " (SELECT cell_id, relative_output_error FROM ${output_metrics}) AS o"
                + " USING (cell_id)")) {
      errors.put(row.get(0) + " " + row.get(1), (Double) row.get(2));
    }
    Map<String, List<Measured>> all = new HashMap<>();
    units.forEach(
        (unit, cells) ->
            all.put(
                unit,
                cells.stream()
                    .map(
                        cell ->
                            new Measured(
                                unit,
                                cell.label(),
                                cell.bytes(),
                                errors.get(unit + " " + cell.label())))
                    .toList()));
    return all;
  }

  private static Map<String, List<Measured>> measured(SweepFiles files) throws IOException {
    Map<String, List<Measured>> units = new HashMap<>();
    for (List<Object> row :
        files.query(
            "SELECT unit, label, m.stored_bytes, m.relative_error FROM ${cells} JOIN"
                + " (SELECT cell_id, stored_bytes, relative_error FROM ${layer_metrics}) AS m"
                + " USING (cell_id)")) {
      double error = (Double) row.get(3);
      units
          .computeIfAbsent((String) row.get(0), unit -> new ArrayList<>())
          .add(
              new Measured(
                  (String) row.get(0), (String) row.get(1), (Long) row.get(2), error * error));
    }
    return units;
  }

  @Test
  void badAllocationsAreRefused() {
    refused("{name=a, bits=[]}", "Give at least one budget");
    refused("{name=a, bits=-1}", "bits = -1", "Use numbers above 0");
    refused("{name=a, bits=4, bytes=10}", "Give either bits or bytes");
    refused("{name=a, bits=4, recipes=[\"gptq*\"]}", "It is the label of no recipe of the grid");
    refused("{name=a, bits=4, minimize=output-error}", "set calibration.use = always");
    refused("{name=a, bits=4, minimise=weight-error}", "Unknown key 'minimise'");
    refused("{name=a, bits=4}, {name=a, bits=4}", "an allocation called a(bits=4)");
    refused("{bits=4}", "Key 'name' is missing in allocations[0]");
    refused("{name=rtn, bits=4}", "There is a recipe or an allocation called rtn");
  }

  private static void refused(String allocations, String... messages) {
    Path out = temporary.resolve("refused");
    Sweeps.Ended ended =
        Sweeps.command(
            "sweep",
            Sweeps.arguments(
                out, "recipes=[{method=rtn, bits=4}]", "allocations=[" + allocations + "]"));
    assertThat(ended.status()).as(ended.err()).isEqualTo(2);
    assertThat(ended.err()).contains(messages);
    assertThat(out).doesNotExist();
  }
}
