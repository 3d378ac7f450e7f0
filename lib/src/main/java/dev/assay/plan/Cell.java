package dev.assay.plan;

import dev.assay.checkpoint.Tensor;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import dev.assay.recipe.Work;
import java.io.Serializable;

/**
 * Recipe × unit: one row of {@code cells}.
 *
 * @param id hash of everything that determines the result
 * @param unit what it is done to
 * @param recipe what is done
 * @param factorization how the weight is factorized for it
 */
public record Cell(String id, Unit unit, NamedRecipe recipe, Factorization factorization)
    implements Serializable {

  /** Whether its recipe has to know something beside the weights. */
  public boolean needs(Need need) {
    return recipe.recipe().needs().contains(need);
  }

  /** Estimated work, factors not included. */
  public Work work() {
    Work work = Work.NONE;
    for (Member member : unit.members()) {
      Tensor weight = member.weight();
      work = work.plus(recipe.recipe().work(weight.rows(), weight.cols()));
    }
    return work;
  }

  /** Unit and recipe, shortly, for logs. */
  public String describe() {
    return unit.name() + ", " + recipe.label();
  }
}
