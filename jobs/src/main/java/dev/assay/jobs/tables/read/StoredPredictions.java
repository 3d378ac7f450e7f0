package dev.assay.jobs.tables.read;

import static org.apache.spark.sql.functions.col;

import dev.assay.evaluate.answers.Predictions;
import dev.assay.jobs.tables.QueryErrors;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.OutputFolder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Predictions that have landed, read back as the models put them out. */
public final class StoredPredictions {
  private StoredPredictions() {}

  /**
   * Reads the predictions of some trials, of each input the newest, one trial after the other.
   *
   * @param out the folder of one sweep
   * @param trials their ids; one without predictions is passed over
   * @param each is given a trial's id and its predictions
   */
  public static void read(
      SparkSession spark,
      String out,
      Collection<String> trials,
      BiConsumer<String, Predictions> each) {
    Iterator<Row> rows = Reading.of(spark, out, folder -> sorted(spark, folder, trials));
    try {
      List<Row> ofTrial = new ArrayList<>();
      while (rows.hasNext()) {
        Row row = rows.next();
        if (!ofTrial.isEmpty() && !ofTrial.get(0).getString(0).equals(row.getString(0))) {
          each.accept(ofTrial.get(0).getString(0), predictions(ofTrial));
          ofTrial.clear();
        }
        ofTrial.add(row);
      }
      if (!ofTrial.isEmpty()) {
        each.accept(ofTrial.get(0).getString(0), predictions(ofTrial));
      }
    } catch (Exception e) { // Spark throws checked ones that Java does not know of
      throw QueryErrors.translate(e);
    }
  }

  private static Iterator<Row> sorted(
      SparkSession spark, OutputFolder folder, Collection<String> trials) {
    Iterator<Row> rows =
        Views.newest(spark, folder, Table.PREDICTIONS)
            .where(col("trial_id").isin(trials.toArray()))
            .select("trial_id", "row", "values")
            .orderBy("trial_id", "row")
            .toLocalIterator();
    // All files have been read, for the sort, when there is a first row.
    return rows.hasNext() ? rows : Collections.emptyIterator();
  }

  private static Predictions predictions(List<Row> rows) {
    int[] numbers = rows.stream().mapToInt(row -> row.getInt(1)).toArray();
    float[][] values = new float[numbers.length][];
    for (int i = 0; i < numbers.length; i++) {
      List<Double> stored = rows.get(i).getList(2);
      values[i] = new float[stored.size()];
      for (int j = 0; j < values[i].length; j++) {
        values[i][j] = stored.get(j).floatValue();
      }
    }
    return Predictions.of(numbers, values);
  }
}
