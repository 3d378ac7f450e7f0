package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A small sweep that does everything: it calibrates in three windows, differentiates a loss,
 * factorizes, compresses 18 matrices in 6 tasks, each published as it ends, and evaluates 7 models
 * and the dense one on two shards.
 *
 * @param model a classifier of three layers
 * @param data its task
 */
record WholeSweep(Path model, Path data) {
  static final int MATRICES = 18;
  static final int RECIPES = 7;
  static final int CELLS = MATRICES * RECIPES;

  static final List<String> TABLES =
      List.of(
          "cells", "layer_metrics", "output_metrics", "spectrum", "model_metrics", "predictions");

  private static final List<String> WORDS =
      List.of("gold", "is", "weighed", "before", "the", "assayer", "melts", "it", "slowly");

  /** Writes model and data. */
  static WholeSweep write(Path folder) throws IOException {
    Path model =
        RandomClassifier.write(
            folder.resolve("model"), 2, "{\"0\": \"not_entailment\", \"1\": \"entailment\"}");
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.write(data.resolve("train.tsv"), rows(20));
    Files.write(data.resolve("dev.tsv"), rows(300));
    return new WholeSweep(model, data);
  }

  private static List<String> rows(int count) {
    List<String> lines = new ArrayList<>(List.of("index\tsentence1\tsentence2\tlabel"));
    for (int row = 0; row < count; row++) {
      String first = String.join(" ", WORDS.subList(0, 2 + row % 7));
      String second = String.join(" ", WORDS.subList(row % 5, row % 5 + 3));
      String label = row % 3 == 0 ? "entailment" : "not_entailment";
      lines.add(row + "\t" + first + "\t" + second + "\t" + label);
    }
    return lines;
  }

  /** Arguments of the command that runs it. */
  String[] keys(String... more) {
    return Stream.concat(
            Stream.of(
                "model=\"" + model + "\"",
                "model-name=whole",
                "recipes=[{method=dense},{method=rtn,bits=[2,4]},{method=gptq,bits=4},"
                    + "{method=awq,bits=4},{method=fisher-preserve,keep=8},{method=svd,rank=4}]",
                "task=rte",
                "data=\"" + data + "\"",
                "calibration.window=1",
                "predictions=true",
                "commit-interval=1ms"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  /** Asserts that two sweeps have the same rows, all of them. */
  static void assertSame(SweepFiles actual, SweepFiles expected) {
    actual.assertSameById(TABLES, expected);
    assertThat(actual.count("${cells} WHERE status = 'DONE'")).isEqualTo(CELLS);
  }

  /** The same for a copy of the model elsewhere, whose ids differ. */
  static void assertSameOfCopy(SweepFiles actual, SweepFiles expected) {
    actual.assertSameByName(TABLES, expected);
    assertThat(actual.count("${cells} WHERE status = 'DONE'")).isEqualTo(CELLS);
  }

  /** Asserts that what has landed is part of a whole sweep, and nothing is there by half. */
  static void assertPart(SweepFiles actual, SweepFiles whole) {
    Map<String, String> cells = actual.holds("cells") ? actual.byId("cells") : Map.of();
    assertThat(whole.byId("cells")).containsAllEntriesOf(cells);
    Map<String, String> metrics =
        actual.holds("layer_metrics") ? actual.byId("layer_metrics") : Map.of();
    assertThat(whole.byId("layer_metrics")).containsAllEntriesOf(metrics);
    assertThat(metrics.keySet()).containsAll(cells.keySet());
    if (!cells.isEmpty()) {
      assertThat(actual.count("${cells}")).as("computed once").isEqualTo(cells.size());
    }
    if (actual.holds("model_metrics")) {
      assertThat(whole.byId("model_metrics")).containsAllEntriesOf(actual.byId("model_metrics"));
      assertThat(
              actual.column(
                  "SELECT trial_id FROM ${model_metrics} EXCEPT SELECT trial_id FROM"
                      + " ${predictions} GROUP BY trial_id HAVING count(*) = 300"))
          .as("measured without answers")
          .isEmpty();
    }
  }
}
