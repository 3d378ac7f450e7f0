package dev.assay.jobs.tables.land;

import static org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit.MICROS;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Writes Java values as the Parquet types that Spark reads back as a given schema.
 *
 * <p>Takes String, Boolean, Integer, Long, Float, Double, {@link Instant} (INT64 microseconds UTC),
 * {@link List} (three-level LIST) and {@link Map} (MAP, entries in key order so that files are
 * reproducible). Any other type is refused when the schema is turned, not when a row is written.
 */
public final class ParquetTypes {
  private final String[] names;
  private final boolean[] required;
  private final ValueWriter[] writers;
  private final MessageType message;

  private ParquetTypes(StructType schema) {
    StructField[] fields = schema.fields();
    this.names = schema.fieldNames();
    this.required = new boolean[fields.length];
    this.writers = new ValueWriter[fields.length];
    Type[] types = new Type[fields.length];
    for (int i = 0; i < fields.length; i++) {
      required[i] = !fields[i].nullable();
      writers[i] = writer(fields[i].dataType());
      types[i] =
          type(
              fields[i].name(),
              fields[i].dataType(),
              required[i] ? Repetition.REQUIRED : Repetition.OPTIONAL);
    }
    this.message = new MessageType("assay", types);
  }

  public static ParquetTypes of(StructType schema) {
    return new ParquetTypes(schema);
  }

  public MessageType message() {
    return message;
  }

  void write(RecordConsumer consumer, Object[] row) {
    if (row.length != names.length) {
      throw new IllegalArgumentException(
          "A row of " + row.length + " values for columns " + Arrays.toString(names));
    }
    consumer.startMessage();
    for (int i = 0; i < row.length; i++) {
      if (row[i] != null) {
        field(consumer, names[i], i, writers[i], row[i]);
      } else if (required[i]) {
        throw new IllegalArgumentException("Column " + names[i] + " must have a value");
      }
    }
    consumer.endMessage();
  }

  private static Type type(String name, DataType type, Repetition repetition) {
    if (type instanceof ArrayType array) {
      return Types.list(repetition)
          .element(type("element", array.elementType(), repetition(array.containsNull())))
          .named(name);
    }
    if (type instanceof MapType map) {
      return Types.map(repetition)
          .key(type("key", map.keyType(), Repetition.REQUIRED))
          .value(type("value", map.valueType(), repetition(map.valueContainsNull())))
          .named(name);
    }
    if (type.equals(DataTypes.StringType)) {
      return Types.primitive(PrimitiveTypeName.BINARY, repetition).as(stringType()).named(name);
    }
    if (type.equals(DataTypes.TimestampType)) {
      return Types.primitive(PrimitiveTypeName.INT64, repetition)
          .as(timestampType(true, MICROS))
          .named(name);
    }
    return Types.primitive(primitive(type), repetition).named(name);
  }

  private static Repetition repetition(boolean nullable) {
    return nullable ? Repetition.OPTIONAL : Repetition.REQUIRED;
  }

  private static PrimitiveTypeName primitive(DataType type) {
    if (type.equals(DataTypes.BooleanType)) {
      return PrimitiveTypeName.BOOLEAN;
    }
    if (type.equals(DataTypes.IntegerType)) {
      return PrimitiveTypeName.INT32;
    }
    if (type.equals(DataTypes.LongType)) {
      return PrimitiveTypeName.INT64;
    }
    if (type.equals(DataTypes.FloatType)) {
      return PrimitiveTypeName.FLOAT;
    }
    if (type.equals(DataTypes.DoubleType)) {
      return PrimitiveTypeName.DOUBLE;
    }
    throw new IllegalArgumentException("Tables have no columns of type " + type.simpleString());
  }

  private static ValueWriter writer(DataType type) {
    if (type instanceof ArrayType array) {
      return list(writer(array.elementType()));
    }
    if (type instanceof MapType map) {
      return map(writer(map.keyType()), writer(map.valueType()));
    }
    if (type.equals(DataTypes.StringType)) {
      return (consumer, value) -> consumer.addBinary(Binary.fromString((String) value));
    }
    if (type.equals(DataTypes.TimestampType)) {
      return (consumer, value) ->
          consumer.addLong(ChronoUnit.MICROS.between(Instant.EPOCH, (Instant) value));
    }
    return switch (primitive(type)) {
      case BOOLEAN -> (consumer, value) -> consumer.addBoolean((Boolean) value);
      case INT32 -> (consumer, value) -> consumer.addInteger((Integer) value);
      case INT64 -> (consumer, value) -> consumer.addLong((Long) value);
      case FLOAT -> (consumer, value) -> consumer.addFloat((Float) value);
      case DOUBLE -> (consumer, value) -> consumer.addDouble((Double) value);
      case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 ->
          throw new IllegalStateException("No plain column is stored as " + primitive(type));
    };
  }

  private static ValueWriter list(ValueWriter element) {
    return (consumer, value) -> {
      List<?> items = (List<?>) value;
      consumer.startGroup();
      if (!items.isEmpty()) {
        consumer.startField("list", 0);
        for (Object item : items) {
          consumer.startGroup();
          optional(consumer, "element", 0, element, item);
          consumer.endGroup();
        }
        consumer.endField("list", 0);
      }
      consumer.endGroup();
    };
  }

  private static ValueWriter map(ValueWriter key, ValueWriter value) {
    return (consumer, entries) -> {
      Map<?, ?> sorted = new TreeMap<>((Map<?, ?>) entries);
      consumer.startGroup();
      if (!sorted.isEmpty()) {
        consumer.startField("key_value", 0);
        for (Map.Entry<?, ?> entry : sorted.entrySet()) {
          consumer.startGroup();
          field(consumer, "key", 0, key, entry.getKey());
          optional(consumer, "value", 1, value, entry.getValue());
          consumer.endGroup();
        }
        consumer.endField("key_value", 0);
      }
      consumer.endGroup();
    };
  }

  private static void optional(
      RecordConsumer consumer, String name, int index, ValueWriter writer, Object value) {
    if (value != null) {
      field(consumer, name, index, writer, value);
    }
  }

  private static void field(
      RecordConsumer consumer, String name, int index, ValueWriter writer, Object value) {
    consumer.startField(name, index);
    writer.write(consumer, value);
    consumer.endField(name, index);
  }

  /** Writes one value that is not null. */
  private interface ValueWriter {
    void write(RecordConsumer consumer, Object value);
  }
}
