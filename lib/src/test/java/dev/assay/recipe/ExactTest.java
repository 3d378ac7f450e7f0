package dev.assay.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExactTest {
  @Test
  void percentagesAreTheDecimalsThatWereWritten() {
    for (int percent = 0; percent <= 1000; percent++) {
      double written = Double.parseDouble(percent / 10 + "." + percent % 10);
      for (int of : new int[] {10_000, 1000, 999, 147_456}) {
        int exact =
            BigInteger.valueOf(percent)
                .multiply(BigInteger.valueOf(of))
                .divide(BigInteger.valueOf(1000))
                .intValueExact();
        assertThat(Exact.share(written, of, 100)).as("%s%% of %d", written, of).isEqualTo(exact);
      }
    }
  }

  @Test
  void budgetsRanksAndSparsitiesAreExact() {
    Recipe kept = Recipes.one("{method = magnitude-preserve, keep = \"29%\"}");
    assertThat(kept.columns(100, 100)).containsEntry("keep", 2900);
    Recipe ranked = Recipes.one("{method = svd, rank = \"ratio(0.58)\"}");
    assertThat(ranked.columns(100, 100)).containsEntry("rank", 29);
    assertThat(Exact.share(0.29, 100, 1)).isEqualTo(29);
    Map<String, Number> columns = Recipes.one("{method = magnitude-prune}").columns(10, 10);
    assertThat(columns).containsKey("sparsity");
  }
}
