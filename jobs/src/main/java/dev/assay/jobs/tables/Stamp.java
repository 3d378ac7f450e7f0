package dev.assay.jobs.tables;

import java.time.Instant;
import java.util.List;

/** What the committer writes around every row: which version, which run, when. */
public record Stamp(int schemaVersion, String runId, String sweep, Instant committedAt) {
  static final List<Column<Stamp>> BEFORE =
      List.of(
          Column.int32(
              "schema_version",
              Stamp::schemaVersion,
              "version of the table's schema this row was written with; versions only add columns"),
          Column.text("run_id", Stamp::runId, "the run that wrote this row"),
          Column.text("sweep", Stamp::sweep, "name of the sweep, the folder under the output"));

  static final List<Column<Stamp>> AFTER =
      List.of(
          Column.time(
              "committed_at",
              Stamp::committedAt,
              "when the row landed (UTC, microseconds); strictly increasing within a run"));
}
