package dev.assay.jobs.tables;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A row of {@code cells}: one recipe on one unit, and how that ended.
 *
 * @param cellId SHA-256 of everything that determines the result, in hexadecimal
 * @param model the checkpoint's name
 * @param architecture the checkpoint's architecture, such as {@code bert}
 * @param site the site the unit belongs to
 * @param unit the unit
 * @param recipe what was done to it
 * @param seed the user's seed
 * @param outcome how it ended
 */
public record CellRow(
    String cellId,
    String model,
    String architecture,
    String site,
    String unit,
    RecipeColumns recipe,
    long seed,
    Outcome outcome)
    implements TableRow {
  static final List<Column<CellRow>> COLUMNS =
      List.of(
          Column.text(
              "cell_id",
              CellRow::cellId,
              "SHA-256 over everything that determines the result (weights, recipe, seed, stage"
                  + " versions)"),
          Column.text("model", CellRow::model, "name of the checkpoint"),
          Column.text("architecture", CellRow::architecture, "its architecture, such as bert"),
          Column.text("site", CellRow::site, "the matrices that were worked on in one task"),
          Column.text("unit", CellRow::unit, "the matrix, or group of matrices, decided jointly"),
          Column.text("recipe", row -> row.recipe().name(), "preset or name of the recipe"),
          Column.text("label", row -> row.recipe().label(), "the recipe in full, as text"),
          Column.texts(
              "aliases",
              row -> row.recipe().aliases(),
              "labels of other recipes of the grid that came to this same cell"),
          Column.textMap(
              "parameters", row -> row.recipe().parameters(), "every parameter of the recipe"),
          Column.text(
              "recipe_json",
              row -> row.recipe().json(),
              "the recipe as canonical JSON, as it entered cell_id"),
          Column.optionalInt32(
              "bits", row -> row.recipe().bits(), "bits per code; NULL where nothing is quantized"),
          Column.optionalInt32(
              "group_size",
              row -> row.recipe().groupSize(),
              "input columns that share a scale; NULL where scales are not per group"),
          Column.optionalInt32(
              "rank", row -> row.recipe().rank(), "rank of the low-rank part or of the score"),
          Column.optionalInt64(
              "keep", row -> row.recipe().keep(), "weights per matrix kept in full precision"),
          Column.optionalReal(
              "sparsity",
              row -> row.recipe().sparsity(),
              "fraction of weights pruned to zero, 0 to 1"),
          Column.optionalText(
              "factorizer",
              row -> row.recipe().factorizer(),
              "what factorized the matrix; NULL where no factors were needed"),
          Column.int64("seed", CellRow::seed, "the user's seed"),
          Column.text("status", row -> row.outcome().status().name(), "DONE or FAILED"),
          Column.optionalText(
              "error_class",
              row -> row.outcome().errorClass(),
              "kind of the error, mostly a Java class by its simple name; NULL unless FAILED"),
          Column.optionalText(
              "error_message",
              row -> row.outcome().errorMessage(),
              "the error, or what a DONE cell took that its recipe does not say, such as more damping;"
                  + " mostly NULL when DONE"),
          Column.int32("attempts", row -> row.outcome().attempts(), "times the cell was tried"),
          Column.real(
              "seconds", row -> row.outcome().seconds(), "wall time of the last attempt, s"),
          Column.text("host", row -> row.outcome().host(), "machine that computed it"),
          Column.text("executor", row -> row.outcome().executor(), "Spark executor id"));

  /** Checks that nothing is missing. */
  public CellRow {
    Objects.requireNonNull(cellId, "cellId");
    Objects.requireNonNull(recipe, "recipe");
    Objects.requireNonNull(outcome, "outcome");
  }

  @Override
  public Table table() {
    return Table.CELLS;
  }

  /**
   * What a recipe shows in {@code cells}. Components that a recipe does not have are null and land
   * as NULL.
   *
   * @param name preset name
   * @param label full text of the recipe
   * @param aliases labels of recipes merged into this one
   * @param parameters every parameter
   * @param json canonical JSON
   * @param bits bits per code, or null
   * @param groupSize input columns per scale, or null
   * @param rank rank, or null
   * @param keep weights per matrix in full precision, or null
   * @param sparsity fraction of weights pruned, or null
   * @param factorizer resolved factorizer, or null
   */
  public record RecipeColumns(
      String name,
      String label,
      List<String> aliases,
      Map<String, String> parameters,
      String json,
      Integer bits,
      Integer groupSize,
      Integer rank,
      Long keep,
      Double sparsity,
      String factorizer)
      implements Serializable {
    /** Copies the collections. */
    public RecipeColumns {
      aliases = List.copyOf(aliases);
      parameters = Map.copyOf(parameters);
    }
  }

  /**
   * How a cell ended, and where.
   *
   * @param status DONE or FAILED
   * @param errorClass class of the error, null unless FAILED
   * @param errorMessage the error, or notes; null where there are none
   * @param attempts times it was tried
   * @param seconds wall time of the last attempt
   * @param host machine
   * @param executor Spark executor id
   */
  public record Outcome(
      CellStatus status,
      String errorClass,
      String errorMessage,
      int attempts,
      double seconds,
      String host,
      String executor)
      implements Serializable {}
}
