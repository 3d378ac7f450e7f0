package dev.assay.task;

/** Similarity of the two texts of a pair by their embeddings. */
public final class Similarity {
  private Similarity() {}

  /**
   * ⟨a, b⟩ / (‖a‖·‖b‖), summed in double; 0 if one of them is zero, NaN if a value is not finite.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public static double cosine(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException("Lengths " + a.length + " and " + b.length);
    }
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    if (aa == 0 || bb == 0) {
      // Not plain 0: NaN and infinity in the other vector must show.
      return 0 * (aa + bb);
    }
    return ab / (Math.sqrt(aa) * Math.sqrt(bb));
  }

  /** The row under which the embedding of the first text of an example is kept. */
  public static int firstRow(int row) {
    return Math.multiplyExact(2, row);
  }

  /** The row under which the embedding of the second text of an example is kept. */
  public static int secondRow(int row) {
    return firstRow(row) + 1;
  }

  /**
   * The cosine of each pair.
   *
   * @param embeddings both texts of every pair, by {@link #firstRow} and {@link #secondRow}
   * @return one value a row
   * @throws IllegalArgumentException if a text of a pair is missing
   */
  public static Predictions ofPairs(Predictions embeddings) {
    int[] rows = new int[embeddings.size() / 2];
    float[] values = new float[rows.length];
    for (int i = 0; i < embeddings.size(); i += 2) {
      int row = embeddings.row(i) / 2;
      if (embeddings.row(i) != firstRow(row)
          || i + 1 == embeddings.size()
          || embeddings.row(i + 1) != secondRow(row)) {
        throw new IllegalArgumentException("A text of row " + row + " has no embedding");
      }
      rows[i / 2] = row;
      values[i / 2] = (float) cosine(embeddings.values(i), embeddings.values(i + 1));
    }
    return Predictions.of(1, rows, values);
  }
}
