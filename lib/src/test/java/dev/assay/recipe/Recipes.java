package dev.assay.recipe;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import dev.assay.part.CompressedMatrix;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.List;

/** Recipes from configuration text, and their results. */
public final class Recipes {
  private Recipes() {}

  /** {@code recipes = [entry]}, expanded. */
  public static List<NamedRecipe> grid(String... entries) {
    List<? extends ConfigObject> blocks =
        ConfigFactory.parseString("recipes = [" + String.join(",", entries) + "]")
            .getObjectList("recipes");
    return RecipeGrid.expand(List.copyOf(blocks), Methods.builtIn());
  }

  public static Recipe one(String entry) {
    List<NamedRecipe> grid = grid(entry);
    if (grid.size() != 1) {
      throw new IllegalArgumentException(entry + " is " + grid.size() + " recipes");
    }
    return grid.get(0).recipe();
  }

  public static CompressedMatrix compress(String entry, Matrix weight) {
    return one(entry).compress(weight, DType.F32, new TestKnowledge(weight));
  }

  public static Matrix effective(String entry, Matrix weight) {
    return compress(entry, weight).decode();
  }

  /** ‖A − B‖²_F in double. */
  public static double squaredDistance(Matrix a, Matrix b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      double difference = (double) a.data()[i] - b.data()[i];
      sum += difference * difference;
    }
    return sum;
  }
}
