package dev.assay.jobs.tables;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A row of {@code selection_overlap}: how many entries of a matrix two selectors agree on.
 *
 * @param overlapId content address of the two selections
 * @param model the checkpoint's name
 * @param layer index of the layer from 0, or null for a matrix outside the layers
 * @param matrix the tensor's name
 * @param keep entries that each selects
 * @param a the one selector
 * @param b the other
 * @param shared entries that both select
 */
public record SelectionOverlapRow(
    String overlapId,
    String model,
    Integer layer,
    String matrix,
    long keep,
    Selector a,
    Selector b,
    long shared)
    implements TableRow {
  static final List<Column<SelectionOverlapRow>> COLUMNS =
      List.of(
          Column.text(
              "overlap_id",
              SelectionOverlapRow::overlapId,
              "SHA-256 over everything that determines the two selections"),
          Column.text("model", SelectionOverlapRow::model, "name of the checkpoint"),
          Column.optionalInt32(
              "layer",
              SelectionOverlapRow::layer,
              "index of the layer, from 0; NULL for a matrix outside the layers"),
          Column.text("matrix", SelectionOverlapRow::matrix, "name of the tensor W"),
          Column.int64("keep", SelectionOverlapRow::keep, "entries of W that each selects"),
          Column.text("a", row -> row.a().score(), "score that the one goes by"),
          Column.textMap(
              "a_parameters",
              row -> row.a().parameters(),
              "the score's parameters; a quantizer's as quantizer.bits, …"),
          Column.text("b", row -> row.b().score(), "score that the other goes by"),
          Column.textMap("b_parameters", row -> row.b().parameters(), "that score's parameters"),
          Column.int64("shared", SelectionOverlapRow::shared, "entries that both select, |A∩B|"),
          Column.real(
              "iou",
              SelectionOverlapRow::iou,
              "|A∩B| / |A∪B|, 0 to 1; two random selections come to about keep / (2·rows·cols)"));

  /** Checks that the identity is there. */
  public SelectionOverlapRow {
    Objects.requireNonNull(overlapId, "overlapId");
  }

  @Override
  public Table table() {
    return Table.SELECTION_OVERLAP;
  }

  /** |A∩B| / |A∪B|, where A and B have {@code keep} entries each. */
  double iou() {
    return (double) shared / (2 * keep - shared);
  }

  /**
   * What selects.
   *
   * @param score by name
   * @param parameters of the score
   */
  public record Selector(String score, Map<String, String> parameters) implements Serializable {
    /** Copies the map. */
    public Selector {
      parameters = Map.copyOf(parameters);
    }
  }
}
