package dev.assay.jobs.tables.land;

import dev.assay.jobs.tables.QueryErrors;
import dev.assay.jobs.tables.Table;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;

/**
 * One of a table's files, read row by row to be copied. Pages' checksums are verified; a column
 * that an older file lacks stays without a value. Holds one row group.
 */
public final class MergeSource implements AutoCloseable {
  /** A file that is not merged: damaged, foreign, or of another version. */
  public static final class UnfitException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient FileStatus file;

    UnfitException(FileStatus file, String reason, Throwable cause) {
      super(file.getPath() + ": " + reason, cause);
      this.file = file;
    }

    public FileStatus file() {
      return file;
    }
  }

  /** What copies one row. */
  public interface RowCopy {
    void take(Group row) throws IOException;
  }

  private final FileStatus file;
  private final MessageType schema;
  private final ParquetFileReader reader;

  private MergeSource(FileStatus file, MessageType schema, ParquetFileReader reader) {
    this.file = file;
    this.schema = schema;
    this.reader = reader;
  }

  /**
   * Opens a file.
   *
   * @throws FileNotFoundException if it is gone
   * @throws UnfitException if it is damaged, foreign, or its columns are not those of the table
   */
  public static MergeSource open(FileStatus file, Table table, Configuration conf)
      throws IOException {
    MessageType schema = ParquetTypes.of(table.schema()).message();
    MergeSource source = new MergeSource(file, schema, reader(file, conf));
    Optional<String> misfit = source.misfit(table);
    if (misfit.isPresent()) {
      source.close();
      throw new UnfitException(file, misfit.get(), null);
    }
    return source;
  }

  private static ParquetFileReader reader(FileStatus file, Configuration conf) throws IOException {
    try {
      return ParquetFileReader.open(
          HadoopInputFile.fromStatus(file, conf),
          HadoopReadOptions.builder(conf).usePageChecksumVerification(true).build());
    } catch (FileNotFoundException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new UnfitException(file, "is damaged (" + QueryErrors.firstLine(e) + ")", e);
    }
  }

  private Optional<String> misfit(Table table) {
    if (!table.sqlName().equals(metadata().get(MergedFile.TABLE))) {
      return Optional.of("was not written as a file of " + table.sqlName());
    }
    MessageType found = reader.getFileMetaData().getSchema();
    Optional<Type> unknown =
        found.getFields().stream()
            .filter(field -> !schema.containsField(field.getName()))
            .findAny();
    if (unknown.isPresent()) {
      return Optional.of(
          "has a column that this version of Assay does not know, " + unknown.get().getName());
    }
    return schema.getFields().stream()
        .filter(field -> field.getRepetition() == Repetition.REQUIRED)
        .filter(field -> !found.containsField(field.getName()))
        .findAny()
        .map(field -> "has no column " + field.getName());
  }

  private Map<String, String> metadata() {
    return reader.getFileMetaData().getKeyValueMetaData();
  }

  /** The names of the files whose rows it holds, if it was merged from others. */
  public List<String> mergedFrom() {
    String names = metadata().getOrDefault(MergedFile.FROM, "");
    return names.isEmpty() ? List.of() : Arrays.asList(names.split(",", -1));
  }

  /** Rows that its footer promises. */
  long rows() {
    return reader.getRecordCount();
  }

  /**
   * Reads all rows.
   *
   * @param copy is given each; what it throws ends the reading
   * @throws UnfitException if the file is damaged
   */
  public void forEach(RowCopy copy) throws IOException {
    MessageType stored = reader.getFileMetaData().getSchema();
    MessageColumnIO columns =
        new ColumnIOFactory(reader.getFileMetaData().getCreatedBy()).getColumnIO(schema, stored);
    long count = 0;
    for (PageReadStore pages = next(); pages != null; pages = next()) {
      RecordReader<Group> rows = rows(columns, pages);
      for (long left = pages.getRowCount(); left > 0; left--) {
        copy.take(read(rows));
        count++;
      }
    }
    if (count != rows()) {
      throw new UnfitException(file, "holds " + count + " rows in place of " + rows(), null);
    }
  }

  private PageReadStore next() throws IOException {
    try {
      return reader.readNextRowGroup();
    } catch (FileNotFoundException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }

  private RecordReader<Group> rows(MessageColumnIO columns, PageReadStore pages)
      throws UnfitException {
    try {
      return columns.getRecordReader(pages, new GroupRecordConverter(schema));
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private Group read(RecordReader<Group> rows) throws UnfitException {
    try {
      return rows.read();
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private UnfitException damaged(Exception cause) {
    return new UnfitException(file, "is damaged (" + QueryErrors.firstLine(cause) + ")", cause);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
