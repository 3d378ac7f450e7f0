package dev.assay.plan;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A compressed model: a map from units to cells. Recipes may differ from unit to unit, and what has
 * no cell stays as the checkpoint has it.
 *
 * @param recipe preset or name of what was done
 * @param name in full: of a uniform trial the recipe's label
 * @param origin how the map came about
 * @param cells at most one of each unit
 */
public record Trial(String recipe, String name, Origin origin, List<Cell> cells)
    implements Serializable {
  private static final String DENSE = "dense";

  /**
   * Checks that it is a map.
   *
   * @throws IllegalArgumentException if a unit has two cells
   */
  public Trial {
    cells = List.copyOf(cells);
    Set<String> units = new HashSet<>();
    for (Cell cell : cells) {
      if (!units.add(cell.unit().name())) {
        throw new IllegalArgumentException(name + " has two cells of " + cell.unit().name());
      }
    }
  }

  /** How a trial came about. */
  public enum Origin {
    /** One recipe of the grid on all units. */
    UNIFORM,
    /** What an allocation chose from measured cells. */
    ALLOCATED;

    /** The name in tables. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether it is the model as the checkpoint has it, which others are compared with. */
  public boolean dense() {
    return origin == Origin.UNIFORM && recipe.equals(DENSE);
  }

  /**
   * The id of this model's answers to a question: a hash of the cells and of everything that
   * determines the question.
   */
  public String id(Map<String, ?> question) {
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "trial");
    identity.put("version", 1);
    identity.put("cells", cells.stream().map(Cell::id).sorted().toList());
    identity.put("question", question);
    return Ids.of(identity);
  }
}
