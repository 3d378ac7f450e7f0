package dev.assay.jobs.tables.land;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.spark.sql.types.StructType;

/**
 * Encodes rows as one Parquet file in memory, so that a file meets a file system only when it is
 * whole.
 *
 * <p>Pages are compressed with Snappy and carry checksums. Equal rows give equal bytes. A file and
 * its rows are held in memory once each: a commit interval's rows, not a table.
 */
public final class ParquetEncoder {
  private ParquetEncoder() {}

  /**
   * The bytes of a Parquet file.
   *
   * @param schema the columns
   * @param metadata keys and values for the file's footer
   * @param rows values in the order of {@code schema}, of the Java types {@link ParquetTypes} takes
   * @throws IllegalArgumentException if a required column is null
   */
  public static byte[] encode(StructType schema, Map<String, String> metadata, List<Object[]> rows)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ParquetWriter<Object[]> writer = new Builder(bytes, schema, metadata).build()) {
      for (Object[] row : rows) {
        writer.write(row);
      }
    }
    return bytes.toByteArray();
  }

  private static final class Builder extends ParquetWriter.Builder<Object[], Builder> {
    private final StructType schema;
    private final Map<String, String> metadata;

    Builder(ByteArrayOutputStream bytes, StructType schema, Map<String, String> metadata) {
      super(new StreamFile(bytes));
      this.schema = schema;
      this.metadata = metadata;
      withConf(new PlainParquetConfiguration());
      withCompressionCodec(CompressionCodecName.SNAPPY);
      withPageWriteChecksumEnabled(true);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<Object[]> getWriteSupport(Configuration conf) {
      return new RowSupport(schema, metadata);
    }

    @Override
    protected WriteSupport<Object[]> getWriteSupport(ParquetConfiguration conf) {
      return new RowSupport(schema, metadata);
    }
  }

  private static final class RowSupport extends WriteSupport<Object[]> {
    private final ParquetTypes types;
    private final Map<String, String> metadata;
    private RecordConsumer consumer;

    RowSupport(StructType schema, Map<String, String> metadata) {
      this.types = ParquetTypes.of(schema);
      this.metadata = metadata;
    }

    @Override
    public WriteContext init(Configuration conf) {
      return new WriteContext(types.message(), metadata);
    }

    @Override
    public WriteContext init(ParquetConfiguration conf) {
      return new WriteContext(types.message(), metadata);
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      this.consumer = recordConsumer;
    }

    @Override
    public void write(Object[] row) {
      types.write(consumer, row);
    }
  }
}
