package dev.assay.jobs.tables.sql;

import static org.apache.spark.sql.functions.base64;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_format;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import dev.assay.InputException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/** Prints the rows of a query. */
final class ResultPrinter {
  /** The most rows printed as a table. */
  static final int TABLE_ROWS = 10_000;

  private static final Map<String, String> JSON =
      Map.of(
          "ignoreNullFields", "false",
          "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  /** Lines between two looks at whether anyone still reads the output. */
  private static final int LOOK_EVERY = 1_000;

  private final PrintStream out;
  private final PrintStream remarks;
  private boolean begun;

  ResultPrinter(PrintStream out, PrintStream remarks) {
    this.out = out;
    this.remarks = remarks;
  }

  void print(Dataset<Row> result, Format format) {
    switch (format) {
      case TABLE -> printTable(result);
      case CSV -> printCsv(result);
      case JSON -> printJson(result);
    }
    out.flush();
  }

  /** Whether anything of the result has been printed. */
  boolean hasBegun() {
    return begun;
  }

  private void line(String text) {
    begun = true;
    out.print(text);
  }

  private void printTable(Dataset<Row> result) {
    StructType schema = result.schema();
    List<Row> found = texts(result).takeAsList(TABLE_ROWS + 1);
    List<Row> rows = found.subList(0, Math.min(found.size(), TABLE_ROWS));
    TextTable table = new TextTable(List.of(schema.fieldNames()));
    for (int i = 0; i < schema.size(); i++) {
      if (schema.apply(i).dataType() instanceof NumericType) {
        table.alignRight(i);
      }
    }
    rows.forEach(row -> table.add(values(row)));
    table.lines().forEach(line -> line(line + "\n"));
    if (found.size() > TABLE_ROWS) {
      remarks.println(
          "The first " + TABLE_ROWS + " rows; format=csv and format=json print every row");
    }
  }

  private void printCsv(Dataset<Row> result) {
    Iterator<Row> rows = texts(result).toLocalIterator();
    boolean any = rows.hasNext(); // nothing is printed of a result that cannot be had
    line(Csv.line(List.of(result.columns())));
    for (long line = 1; any && someoneReads(line); line++, any = rows.hasNext()) {
      line(Csv.line(values(rows.next())));
    }
  }

  private void printJson(Dataset<Row> result) {
    String[] names = result.columns();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new InputException(
            "SQL",
            "two columns are called " + name + ", which a JSON object cannot hold",
            "Name one of them with AS");
      }
    }
    Dataset<Row> numbered = numbered(result);
    Column[] fields =
        IntStream.range(0, names.length)
            .mapToObj(i -> col(numbered.columns()[i]).as(names[i]))
            .toArray(Column[]::new);
    Iterator<Row> rows = numbered.select(to_json(struct(fields), JSON)).toLocalIterator();
    for (long line = 1; rows.hasNext() && someoneReads(line); line++) {
      line(rows.next().getString(0) + "\n");
    }
  }

  /** False once the reader of a pipe has gone, as after {@code | head}. */
  private boolean someoneReads(long line) {
    return line % LOOK_EVERY != 0 || !out.checkError();
  }

  /** Numbers stay numbers; everything else becomes text in Spark. */
  private static Dataset<Row> texts(Dataset<Row> result) {
    StructType schema = result.schema();
    Dataset<Row> numbered = numbered(result);
    Column[] columns =
        IntStream.range(0, schema.size())
            .mapToObj(i -> text(col(numbered.columns()[i]), schema.apply(i).dataType()))
            .toArray(Column[]::new);
    return numbered.select(columns);
  }

  /** Columns by position: names of a result may repeat, or hold dots and quotes. */
  private static Dataset<Row> numbered(Dataset<Row> result) {
    return result.toDF(
        IntStream.range(0, result.columns().length)
            .mapToObj(i -> "column" + i)
            .toArray(String[]::new));
  }

  private static Column text(Column column, DataType type) {
    if (type instanceof NumericType) {
      return column;
    }
    if (type instanceof ArrayType || type instanceof MapType || type instanceof StructType) {
      return to_json(column, JSON);
    }
    if (type.equals(DataTypes.TimestampType)) {
      return date_format(column, "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");
    }
    if (type.equals(DataTypes.BinaryType)) {
      return base64(column);
    }
    return column.cast(DataTypes.StringType);
  }

  private static List<Object> values(Row row) {
    return IntStream.range(0, row.size())
        .mapToObj(row::get)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
