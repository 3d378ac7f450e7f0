package dev.assay.jobs.tables.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.jobs.tables.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetEncoderTest {
  private static final StructType EVERY_TYPE =
      new StructType()
          .add("text", DataTypes.StringType)
          .add("flag", DataTypes.BooleanType)
          .add("small", DataTypes.IntegerType)
          .add("large", DataTypes.LongType)
          .add("real", DataTypes.DoubleType)
          .add("single", DataTypes.FloatType)
          .add("moment", DataTypes.TimestampType)
          .add("texts", DataTypes.createArrayType(DataTypes.StringType, true))
          .add(
              "entries", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, true));

  @TempDir private Path folder;

  @Test
  void everyTypeComesBack() throws IOException {
    Map<String, String> entries = new HashMap<>();
    entries.put("z", null);
    entries.put("α", "β");
    Instant moment = Instant.parse("1969-12-31T23:59:59.999999Z");
    Object[] full = {
      "日本 \u0000 text",
      true,
      Integer.MIN_VALUE,
      Long.MAX_VALUE,
      Double.NEGATIVE_INFINITY,
      Float.MIN_VALUE,
      moment,
      Arrays.asList("a", null, ""),
      entries
    };
    Object[] empty = {"", false, 0, 0L, Double.NaN, -0.0f, Instant.EPOCH, List.of(), Map.of()};
    Object[] nulls = new Object[EVERY_TYPE.size()];

    List<Row> rows = read(ParquetEncoder.encode(EVERY_TYPE, Map.of(), List.of(full, empty, nulls)));

    assertThat(rows).hasSize(3);
    assertThat(plain(rows.get(0))).containsExactly(full);
    assertThat(plain(rows.get(1))).containsExactly(empty);
    assertThat(plain(rows.get(2))).containsExactly(nulls);
  }

  @Test
  void sparkFindsTheTypesWithoutBeingTold() throws IOException {
    Path file = folder.resolve("x.parquet");
    Files.write(file, ParquetEncoder.encode(EVERY_TYPE, Map.of(), List.of()));
    assertThat(TestSpark.session().read().parquet(file.toString()).schema()).isEqualTo(EVERY_TYPE);
  }

  @Test
  void equalRowsGiveEqualBytes() throws IOException {
    Object[] row = {null, null, null, null, null, null, null, null, Map.of("a", "1", "b", "2")};
    Map<String, String> other = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      other.put("k" + i, "");
    }
    other.keySet().removeIf(key -> key.startsWith("k"));
    other.put("b", "2");
    other.put("a", "1");
    Object[] same = row.clone();
    same[8] = other;
    assertThat(ParquetEncoder.encode(EVERY_TYPE, Map.of(), List.<Object[]>of(row)))
        .isEqualTo(ParquetEncoder.encode(EVERY_TYPE, Map.of(), List.<Object[]>of(same)));
  }

  @Test
  void requiredColumnsMustHaveValues() {
    StructType schema = new StructType().add("id", DataTypes.StringType, false);
    assertThatThrownBy(
            () -> ParquetEncoder.encode(schema, Map.of(), List.<Object[]>of(new Object[1])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Column id must have a value");
  }

  @Test
  void otherTypesAreRefused() {
    StructType schema = new StructType().add("day", DataTypes.DateType);
    assertThatThrownBy(() -> ParquetEncoder.encode(schema, Map.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Tables have no columns of type date");
  }

  private List<Row> read(byte[] content) throws IOException {
    Path file = folder.resolve("rows.parquet");
    Files.write(file, content);
    SparkSession spark = TestSpark.session();
    spark.conf().set("spark.sql.datetime.java8API.enabled", "true");
    return spark.read().schema(EVERY_TYPE).parquet(file.toString()).collectAsList();
  }

  private static Object[] plain(Row row) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    values[7] = row.isNullAt(7) ? null : row.getList(7);
    values[8] = row.isNullAt(8) ? null : row.getJavaMap(8);
    return values;
  }
}
