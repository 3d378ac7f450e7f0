package dev.assay.jobs.tables;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * One column of a table: its name, type and meaning beside the accessor that fills it, so that the
 * order of a schema and of its rows cannot drift apart.
 *
 * @param <R> the row the column is read from
 */
record Column<R>(StructField field, Function<R, ?> value) {
  static final DataType TEXTS = DataTypes.createArrayType(DataTypes.StringType, false);
  static final DataType REALS = DataTypes.createArrayType(DataTypes.DoubleType, false);
  static final DataType TEXT_MAP =
      DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false);

  static <R> Column<R> text(String name, Function<R, String> value, String meaning) {
    return required(name, DataTypes.StringType, value, meaning);
  }

  static <R> Column<R> optionalText(String name, Function<R, String> value, String meaning) {
    return optional(name, DataTypes.StringType, value, meaning);
  }

  static <R> Column<R> texts(String name, Function<R, List<String>> value, String meaning) {
    return required(name, TEXTS, value, meaning);
  }

  static <R> Column<R> optionalTexts(String name, Function<R, List<String>> value, String meaning) {
    return optional(name, TEXTS, value, meaning);
  }

  static <R> Column<R> reals(String name, Function<R, List<Double>> value, String meaning) {
    return required(name, REALS, value, meaning);
  }

  static <R> Column<R> textMap(
      String name, Function<R, Map<String, String>> value, String meaning) {
    return required(name, TEXT_MAP, value, meaning);
  }

  static <R> Column<R> int32(String name, Function<R, Integer> value, String meaning) {
    return required(name, DataTypes.IntegerType, value, meaning);
  }

  static <R> Column<R> optionalInt32(String name, Function<R, Integer> value, String meaning) {
    return optional(name, DataTypes.IntegerType, value, meaning);
  }

  static <R> Column<R> int64(String name, Function<R, Long> value, String meaning) {
    return required(name, DataTypes.LongType, value, meaning);
  }

  static <R> Column<R> optionalInt64(String name, Function<R, Long> value, String meaning) {
    return optional(name, DataTypes.LongType, value, meaning);
  }

  static <R> Column<R> real(String name, Function<R, Double> value, String meaning) {
    return required(name, DataTypes.DoubleType, value, meaning);
  }

  static <R> Column<R> optionalReal(String name, Function<R, Double> value, String meaning) {
    return optional(name, DataTypes.DoubleType, value, meaning);
  }

  static <R> Column<R> time(String name, Function<R, Instant> value, String meaning) {
    return required(name, DataTypes.TimestampType, value, meaning);
  }

  static <R> Column<R> optionalTime(String name, Function<R, Instant> value, String meaning) {
    return optional(name, DataTypes.TimestampType, value, meaning);
  }

  private static <R> Column<R> required(
      String name, DataType type, Function<R, ?> value, String meaning) {
    return new Column<>(DataTypes.createStructField(name, type, false).withComment(meaning), value);
  }

  private static <R> Column<R> optional(
      String name, DataType type, Function<R, ?> value, String meaning) {
    return new Column<>(DataTypes.createStructField(name, type, true).withComment(meaning), value);
  }
}
