package dev.assay.jobs;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Something that goes wrong at a file system: see {@link FaultyFileSystem}.
 *
 * @param name what the mark that it leaves on disk is called
 * @param what what happens
 * @param at when
 * @param path which paths: a regular expression found in them
 * @param job which Spark jobs: a regular expression found in their description, which is empty for
 *     what the driver itself does
 * @param nth at the how manyth time in one JVM
 * @param after the name of a fault that must have happened before; empty for none
 */
record Fault(String name, What what, At at, String path, String job, int nth, String after) {
  /** What happens. */
  enum What {
    /** The JVM ends as if its machine had lost power. */
    HALT,
    /** The heap is filled until it is full. */
    EXHAUST,
    /** As {@link #EXHAUST}, every time. */
    EXHAUST_ALWAYS,
    /** The disk is full. */
    FULL,
    /** As {@link #FULL}, every time. */
    FULL_ALWAYS,
    /**
     * Nothing, until the fault that {@link Fault#after} names has happened, or a minute is over.
     */
    WAIT
  }

  /** When. */
  enum At {
    OPEN,
    /** When an empty file has been created. */
    CREATE,
    /** Before a file is renamed; the path is its new one. */
    RENAME,
    /** After that. */
    RENAMED
  }

  static Fault of(String name, What what, At at, String path, String job) {
    return new Fault(name, what, at, path, job, 1, "");
  }

  Fault nth(int time) {
    return new Fault(name, what, at, path, job, time, after);
  }

  Fault after(String other) {
    return new Fault(name, what, at, path, job, nth, other);
  }

  boolean always() {
    return what == What.EXHAUST_ALWAYS || what == What.FULL_ALWAYS;
  }

  boolean matches(At when, String where, String description) {
    return at == when
        && Pattern.compile(path).matcher(where).find()
        && (job.isEmpty()
            ? description.isEmpty()
            : Pattern.compile(job).matcher(description).find());
  }

  /** As one line. */
  static String write(List<Fault> faults) {
    return faults.stream()
        .map(
            fault ->
                Stream.of(
                        fault.name,
                        fault.what.name(),
                        fault.at.name(),
                        fault.path,
                        fault.job,
                        Integer.toString(fault.nth),
                        fault.after)
                    .collect(Collectors.joining("%")))
        .collect(Collectors.joining(";"));
  }

  static List<Fault> read(String line) {
    return Stream.of(line.split(";"))
        .filter(text -> !text.isEmpty())
        .map(text -> text.split("%", -1))
        .map(
            f ->
                new Fault(
                    f[0],
                    What.valueOf(f[1]),
                    At.valueOf(f[2]),
                    f[3],
                    f[4],
                    Integer.parseInt(f[5]),
                    f[6]))
        .toList();
  }
}
