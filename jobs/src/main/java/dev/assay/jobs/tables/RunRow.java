package dev.assay.jobs.tables;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A row of {@code runs}: one execution of a command. It lands once when the run starts and once
 * when it ends.
 *
 * @param command the command that ran
 * @param status how far it has come
 * @param config the resolved configuration as JSON
 * @param configHash SHA-256 of it, in hexadecimal
 * @param leftOut the checkpoint's tensors that nothing computes with, each with its type and why
 * @param software versions
 * @param machine the driver's machine
 * @param executors executor id to BLAS back end and rate
 * @param startedAt start
 * @param endedAt end, or null while it runs
 * @param counts cells so far
 */
public record RunRow(
    String command,
    RunStatus status,
    String config,
    String configHash,
    List<String> leftOut,
    Software software,
    Machine machine,
    Map<String, String> executors,
    Instant startedAt,
    Instant endedAt,
    Counts counts)
    implements TableRow {
  static final List<Column<RunRow>> COLUMNS =
      List.of(
          Column.text("command", RunRow::command, "the command that ran"),
          Column.text(
              "status",
              row -> row.status().name(),
              "STARTED (still at work, or killed), DONE, FAILED or INTERRUPTED"),
          Column.text("config", RunRow::config, "the resolved configuration, as JSON"),
          Column.text("config_hash", RunRow::configHash, "SHA-256 of the configuration"),
          Column.optionalTexts(
              "left_out",
              RunRow::leftOut,
              "the checkpoint's tensors that nothing computes with, each with its shape, type and why;"
                  + " NULL before version 2"),
          Column.text("assay_version", row -> row.software().assay(), "version of Assay"),
          Column.text("git_commit", row -> row.software().gitCommit(), "commit it was built from"),
          Column.text("spark_version", row -> row.software().spark(), "version of Spark"),
          Column.text("scala_version", row -> row.software().scala(), "version of Scala"),
          Column.text("hadoop_version", row -> row.software().hadoop(), "version of Hadoop"),
          Column.text("java_version", row -> row.software().java(), "version of the driver's JVM"),
          Column.text("os", row -> row.machine().os(), "the driver's system and processor type"),
          Column.int32(
              "cpu_count", row -> row.machine().cpuCount(), "processors the driver's JVM sees"),
          Column.text("host", row -> row.machine().host(), "the driver's machine"),
          Column.text("master", row -> row.machine().master(), "Spark master"),
          Column.text(
              "blas_backend",
              row -> row.machine().blasBackend(),
              "BLAS on the driver; a fall-back to Java is visible here"),
          Column.real(
              "blas_gflops_f64",
              row -> row.machine().blasGflopsF64(),
              "measured rate of dgemm on one thread of the driver, 10⁹ floating-point operations/s"),
          Column.real(
              "blas_gflops_f32",
              row -> row.machine().blasGflopsF32(),
              "measured rate of sgemm on one thread of the driver, 10⁹ floating-point operations/s"),
          Column.textMap(
              "executors", RunRow::executors, "executor id → its BLAS back end and measured rate"),
          Column.time("started_at", RunRow::startedAt, "start (UTC)"),
          Column.optionalTime(
              "ended_at", RunRow::endedAt, "end (UTC); NULL in the row of the start"),
          Column.int64("cells_planned", row -> row.counts().planned(), "cells in the plan"),
          Column.int64("cells_done", row -> row.counts().done(), "cells this run computed"),
          Column.int64("cells_failed", row -> row.counts().failed(), "cells that failed in it"),
          Column.int64(
              "cells_skipped",
              row -> row.counts().skipped(),
              "cells it did not try: done before, or not possible"));

  /** Copies list and map. */
  public RunRow {
    Objects.requireNonNull(startedAt, "startedAt");
    leftOut = List.copyOf(leftOut);
    executors = Map.copyOf(executors);
  }

  /** The row of a run that begins: nothing done yet. */
  public static RunRow started(
      String command,
      String config,
      String configHash,
      List<String> leftOut,
      Software software,
      Machine machine,
      Instant startedAt,
      long cellsPlanned) {
    return new RunRow(
        command,
        RunStatus.STARTED,
        config,
        configHash,
        leftOut,
        software,
        machine,
        Map.of(),
        startedAt,
        null,
        new Counts(cellsPlanned, 0, 0, 0));
  }

  /** This row at the end of the run. */
  public RunRow ended(
      RunStatus ending, Instant end, Counts finalCounts, Map<String, String> seenExecutors) {
    return new RunRow(
        command,
        ending,
        config,
        configHash,
        leftOut,
        software,
        machine,
        seenExecutors,
        startedAt,
        Objects.requireNonNull(end, "end"),
        finalCounts);
  }

  @Override
  public Table table() {
    return Table.RUNS;
  }

  /**
   * Versions of what ran.
   *
   * @param assay version of Assay
   * @param gitCommit commit it was built from
   * @param spark version of Spark
   * @param scala version of Scala
   * @param hadoop version of Hadoop
   * @param java version of Java
   */
  public record Software(
      String assay, String gitCommit, String spark, String scala, String hadoop, String java)
      implements Serializable {}

  /**
   * The driver's machine.
   *
   * @param os system and processor type
   * @param cpuCount processors
   * @param host name
   * @param master Spark master
   * @param blasBackend BLAS back end
   * @param blasGflopsF64 rate of dgemm, 10⁹ operations/s
   * @param blasGflopsF32 rate of sgemm, 10⁹ operations/s
   */
  public record Machine(
      String os,
      int cpuCount,
      String host,
      String master,
      String blasBackend,
      double blasGflopsF64,
      double blasGflopsF32)
      implements Serializable {}

  /**
   * Cells of a run.
   *
   * @param planned in the plan
   * @param done computed by this run
   * @param failed failed in this run
   * @param skipped not tried by this run
   */
  public record Counts(long planned, long done, long failed, long skipped)
      implements Serializable {}
}
