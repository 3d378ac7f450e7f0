package dev.assay.jobs.tables.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.read.Views;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitterTest {
  @TempDir private java.nio.file.Path out;

  @Test
  void aCommitLandsOneFilePerTableWithRows() throws IOException {
    try (Committer committer = committer()) {
      committer.append(List.of(Samples.doneCell("a"), Samples.metrics("a", "w", 0.1)));
      committer.append(List.of(Samples.doneCell("b"), Samples.metrics("b", "w", 0.1)));
      committer.commit();
      committer.append(List.of(Samples.endedRun()));
      committer.commit();
      committer.commit();
    }
    List<String> files = Samples.files(out);
    assertThat(files).hasSize(3);
    assertThat(files.get(0)).matches("quick/cells/run=run-1/part-00001-[0-9a-f]{32}\\.parquet");
    assertThat(files.get(1))
        .matches("quick/layer_metrics/run=run-1/part-00001-[0-9a-f]{32}\\.parquet");
    assertThat(files.get(2)).matches("quick/runs/run=run-1/part-00002-[0-9a-f]{32}\\.parquet");
  }

  @Test
  void closingCommits() throws IOException {
    Samples.land(out, "quick", "run-1", Samples.ticking(), Samples.doneCell("a"));
    assertThat(ids(Table.CELLS)).containsExactly("a");
  }

  @Test
  void ofOneIdentityTheLastRowOfACommitLands() throws IOException {
    Samples.land(
        out, "quick", "run-1", Samples.ticking(), Samples.startedRun(), Samples.endedRun());
    assertThat(files(Table.RUNS).select("status").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("DONE");
  }

  @Test
  void timeOfCommitGoesOnWhenTheClockStandsStill() throws IOException {
    Instant now = Instant.parse("2026-11-22T10:00:00.123456789Z");
    try (Committer committer = Samples.committer(out, "quick", "run-1", Samples.at(now))) {
      committer.append(List.of(Samples.failedCell("a")));
      committer.commit();
      committer.append(List.of(Samples.doneCell("a")));
      committer.commit();
    }
    assertThat(
            files(Table.CELLS)
                .selectExpr("status", "unix_micros(committed_at) % 1000000")
                .collectAsList())
        .extracting(row -> row.getString(0) + row.getLong(1))
        .containsExactlyInAnyOrder("FAILED123456", "DONE123457");
  }

  @Test
  void aRowThatCannotLandIsRefusedWithItsCompany() throws IOException {
    try (Committer committer = committer()) {
      assertThatThrownBy(
              () ->
                  committer.append(
                      List.of(
                          Samples.doneCell("a"),
                          Samples.cell("b", Samples.done(1, 1, null, "driver")))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Column host of cells must have a value");
    }
    assertThat(Samples.files(out)).isEmpty();
  }

  @Test
  void whatDidNotLandWaitsForTheNextCommit() throws IOException {
    BrokenStore store = new BrokenStore();
    Committer committer =
        new Committer(
            Landing.on(store), new Path(out.toString()), "quick", "run-1", Samples.ticking());
    committer.append(List.of(Samples.doneCell("a"), Samples.metrics("a", "w", 0.1)));
    store.renamesLeft = 1;

    assertThatThrownBy(committer::commit).isInstanceOf(IOException.class);
    assertThat(ids(Table.LAYER_METRICS)).containsExactly("a");
    assertThat(ids(Table.CELLS)).isEmpty();
    assertThat(Samples.files(out)).hasSize(1);

    store.renamesLeft = Integer.MAX_VALUE;
    committer.append(List.of(Samples.doneCell("b")));
    committer.close();
    assertThat(ids(Table.LAYER_METRICS)).containsExactly("a");
    assertThat(ids(Table.CELLS)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void whereverPublishingStopsNoDoneCellLacksItsMetrics() throws IOException {
    for (int renames = 0; renames <= 4; renames++) {
      String sweep = "stopped-after-" + renames;
      BrokenStore store = new BrokenStore();
      store.renamesLeft = renames;
      Committer committer =
          new Committer(
              Landing.on(store), new Path(out.toString()), sweep, "run-1", Samples.ticking());
      committer.append(
          List.of(Samples.endedRun(), Samples.doneCell("a"), Samples.metrics("a", "w", 0.1)));
      committer.append(Samples.spectrum("f", 3));
      if (renames < 4) {
        assertThatThrownBy(committer::commit).isInstanceOf(IOException.class);
      } else {
        committer.commit();
      }
      List<String> tables =
          Samples.files(out.resolve(sweep)).stream().map(file -> file.split("/")[0]).toList();
      List<String> order = List.of("spectrum", "layer_metrics", "cells", "runs");
      assertThat(tables).containsExactlyInAnyOrderElementsOf(order.subList(0, renames));
    }
  }

  @Test
  void runsAndThreadsTogetherLoseNothing()
      throws IOException, InterruptedException, ExecutionException {
    int runs = 3;
    int threads = 3;
    int cells = 40;
    ExecutorService pool = Executors.newFixedThreadPool(runs * threads);
    List<Future<?>> work = new ArrayList<>();
    List<Committer> committers = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      Committer committer = Samples.committer(out, "quick", "run-" + run, Samples.ticking());
      committers.add(committer);
      for (int thread = 0; thread < threads; thread++) {
        String name = run + "." + thread + ".";
        work.add(
            pool.submit(
                () -> {
                  for (int cell = 0; cell < cells; cell++) {
                    committer.append(
                        List.of(
                            Samples.metrics(name + cell, "w", 0.1), Samples.doneCell(name + cell)));
                    if (cell % 10 == 0) {
                      committer.commit();
                    }
                  }
                  return null;
                }));
      }
    }
    for (Future<?> done : work) {
      done.get();
    }
    pool.shutdown();
    for (Committer committer : committers) {
      committer.close();
    }
    assertThat(ids(Table.CELLS)).hasSize(runs * threads * cells).doesNotHaveDuplicates();
    assertThat(ids(Table.LAYER_METRICS)).hasSize(runs * threads * cells).doesNotHaveDuplicates();
  }

  private Committer committer() {
    return Samples.committer(out, "quick", "run-1", Samples.ticking());
  }

  private List<String> ids(Table table) {
    return files(table).select("cell_id").collectAsList().stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private Dataset<Row> files(Table table) {
    SparkSession spark = TestSpark.session();
    return Views.files(spark, OutputFolder.open(new Configuration(), out.toString()), table);
  }

  /** A local file system whose renames stop working. */
  private static final class BrokenStore extends RawLocalFileSystem {
    private int renamesLeft;

    BrokenStore() throws IOException {
      initialize(FileSystem.getLocal(new Configuration()).getUri(), new Configuration());
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      if (renamesLeft == 0) {
        throw new IOException("The store is gone");
      }
      renamesLeft--;
      return super.rename(from, to);
    }
  }
}
