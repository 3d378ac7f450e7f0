package dev.assay.jobs.tables.land;

import dev.assay.jobs.tables.Table;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * A file with all rows of others, unchanged and in their order. Its footer names those others, so
 * that whoever finds both knows which are not needed any more.
 */
public final class MergedFile {
  /** In a footer: the table a file was written for. */
  public static final String TABLE = "assay.table";

  /** In a footer: the newest version of the table's schema among a file's rows. */
  public static final String SCHEMA_VERSION = "assay.schema-version";

  /** In a footer: names of the files whose rows this one holds, with commas between. */
  public static final String FROM = "assay.merged-from";

  /** Bounds what a writer holds in memory, and lets Spark read a file in pieces. */
  private static final long ROW_GROUP_BYTES = 32L << 20;

  private MergedFile() {}

  /** Whether one commit may be in several files, as after two compactions at once. */
  public enum Repeats {
    /** Every row is copied. */
    NONE,
    /** A commit is taken from the first file that has it: a file holds all of it or nothing. */
    POSSIBLE
  }

  /**
   * Merges files into one, which appears when it is whole.
   *
   * @throws FileNotFoundException if one of them is gone; nothing is published
   * @throws MergeSource.UnfitException if one of them cannot be merged; nothing is published
   * @throws IOException if the file could not be stored
   */
  public static FileStatus publish(
      List<FileStatus> from, Repeats repeats, Table table, Path target, Configuration conf)
      throws IOException {
    FileSystem files = target.getFileSystem(conf);
    long[] rows = new long[1];
    Landing.on(files).land(target, out -> rows[0] = write(from, repeats, table, out, conf));
    FileStatus published = files.getFileStatus(target);
    try {
      check(published, table, rows[0], conf);
    } catch (IOException e) {
      // Its footer must not speak for files that it may not hold.
      files.delete(target, false);
      throw e;
    }
    return published;
  }

  private static void check(FileStatus file, Table table, long rows, Configuration conf)
      throws IOException {
    try (MergeSource source = MergeSource.open(file, table, conf)) {
      if (source.rows() != rows) {
        throw new IOException(
            file.getPath() + " holds " + source.rows() + " rows in place of " + rows);
      }
    }
  }

  private static long write(
      List<FileStatus> from, Repeats repeats, Table table, OutputStream out, Configuration conf)
      throws IOException {
    long rows = 0;
    try (ParquetWriter<Group> writer = writer(from, table, out)) {
      Set<Commit> before = new HashSet<>();
      for (FileStatus file : from) {
        try (MergeSource source = MergeSource.open(file, table, conf)) {
          Copy copy = new Copy(writer, before, new HashSet<>());
          source.forEach(repeats == Repeats.NONE ? writer::write : copy);
          rows += repeats == Repeats.NONE ? source.rows() : copy.rows;
          before.addAll(copy.here);
        }
      }
    }
    return rows;
  }

  private static ParquetWriter<Group> writer(List<FileStatus> from, Table table, OutputStream out)
      throws IOException {
    String names =
        from.stream().map(file -> file.getPath().getName()).collect(Collectors.joining(","));
    return ExampleParquetWriter.builder(new StreamFile(out))
        .withType(ParquetTypes.of(table.schema()).message())
        .withConf(new PlainParquetConfiguration())
        .withCompressionCodec(CompressionCodecName.SNAPPY)
        .withPageWriteChecksumEnabled(true)
        .withRowGroupSize(ROW_GROUP_BYTES)
        .withExtraMetaData(
            Map.of(
                TABLE,
                table.sqlName(),
                SCHEMA_VERSION,
                Integer.toString(table.version()),
                FROM,
                names))
        .build();
  }

  /** What tells a commit: all its rows of a table landed in one file. */
  private record Commit(String run, long committedAt) {
    static Commit of(Group row) {
      return new Commit(row.getString("run_id", 0), row.getLong("committed_at", 0));
    }
  }

  /** Copies rows of commits that no file before has. */
  private static final class Copy implements MergeSource.RowCopy {
    private final ParquetWriter<Group> writer;
    private final Set<Commit> before;
    private final Set<Commit> here;
    private long rows;

    Copy(ParquetWriter<Group> writer, Set<Commit> before, Set<Commit> here) {
      this.writer = writer;
      this.before = before;
      this.here = here;
    }

    @Override
    public void take(Group row) throws IOException {
      Commit commit = Commit.of(row);
      if (!before.contains(commit)) {
        here.add(commit);
        writer.write(row);
        rows++;
      }
    }
  }
}
