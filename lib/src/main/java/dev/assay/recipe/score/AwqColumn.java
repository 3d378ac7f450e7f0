package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;

/**
 * mean|xⱼ| of the entry's column alone, AWQ's statistic: a budget takes whole columns, largest
 * first, the lower index of equal ones, and of the last one that it reaches the topmost entries.
 * The scores are the columns' places in that order, in from the first down to 1 for the last.
 */
public record AwqColumn() implements Score {
  @Override
  public float[] of(State state, Knowledge knowledge) {
    double[] mean = state.statistics(knowledge).meanAbs();
    Integer[] order = new Integer[mean.length];
    Arrays.setAll(order, j -> j);
    Arrays.sort(order, Comparator.comparingDouble((Integer j) -> -mean[j]));
    int[] place = new int[mean.length];
    for (int k = 0; k < order.length; k++) {
      place[order[k]] = mean.length - k;
    }
    return EntryScores.of(state, (w, i, j) -> place[j]);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "awq-column");
  }
}
