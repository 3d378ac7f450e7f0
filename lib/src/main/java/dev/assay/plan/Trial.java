package dev.assay.plan;

import dev.assay.recipe.NamedRecipe;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A compressed model: a map unit → cell. Here every unit gets the same recipe.
 *
 * @param recipe what all units get
 * @param units each with the one cell that stands for it
 */
public record Trial(NamedRecipe recipe, List<UnitCells> units) implements Serializable {
  public Trial {
    units = List.copyOf(units);
  }

  /** The cells, in order of units. */
  public List<Cell> cells() {
    return units.stream().flatMap(unit -> unit.cells().stream()).toList();
  }

  /**
   * The id of this model's answers to a question: a hash of the cells and of everything that
   * determines the question.
   */
  public String id(Map<String, ?> question) {
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "trial");
    identity.put("version", 1);
    identity.put("cells", cells().stream().map(Cell::id).sorted().toList());
    identity.put("question", question);
    return Ids.of(identity);
  }
}
