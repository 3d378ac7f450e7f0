package dev.assay.recipe.protect;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.score.Score;
import dev.assay.recipe.score.TopK;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which entries of a weight a recipe protects: the choice of its first stage, where that is {@code
 * protect}. What becomes of the other entries is no part of it, so recipes that differ in nothing
 * but how they quantize them make the same selection.
 *
 * @param score what makes an entry important
 * @param budget how many are chosen
 */
public record Selection(Score score, Budget budget) implements Serializable {
  /** The selection of a recipe that begins with one. */
  public static Optional<Selection> of(Recipe recipe) {
    return recipe.stages().get(0) instanceof Protect protect
        ? Optional.of(new Selection(protect.score(), protect.budget()))
        : Optional.empty();
  }

  /**
   * Scores every entry; the scores do not depend on the budget.
   *
   * @param weight W, out × in
   * @param stored the type the checkpoint holds it in
   * @return row-major, out × in, larger is chosen first
   * @throws UnfitException if the score cannot be had
   */
  public float[] scores(Matrix weight, DType stored, Knowledge knowledge) {
    return score.of(State.of(weight, stored), knowledge);
  }

  /**
   * The entries with the largest scores, as row-major indices; ties go to the lowest index.
   *
   * @param scores of a rows × cols weight
   * @throws UnfitException if the budget is larger than the matrix
   */
  public BitSet entries(float[] scores, int rows, int cols) {
    return TopK.indices(scores, budget.entries(rows, cols));
  }

  /** Everything that determines the selection beside the weight and what is known of it. */
  public Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>(score.canonical());
    map.put("keep", budget.toString());
    return map;
  }

  /** The score's name: {@code principal}. */
  public String name() {
    return score.canonical().get("score").toString();
  }

  /** The score's parameters; those of a quantizer that it rounds by as {@code quantizer.bits}. */
  public Map<String, String> parameters() {
    Map<String, String> parameters = new TreeMap<>();
    flatten("", score.canonical(), parameters);
    parameters.remove("score");
    return parameters;
  }

  private static void flatten(String prefix, Map<?, ?> values, Map<String, String> into) {
    values.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> nested) {
            flatten(prefix + key + ".", nested, into);
          } else if (!key.equals("version")) {
            into.put(prefix + key, value.toString());
          }
        });
  }
}
