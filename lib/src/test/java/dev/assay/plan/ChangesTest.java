package dev.assay.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.assay.recipe.NamedRecipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private static final String GRID = "recipes=[{method=rtn, bits=[2,4]}, {method=dense}]";

  @Test
  void theSameConfigurationHasNone() {
    Changes changes = Changes.between(settings(GRID).resolved(), settings(GRID));
    assertThat(changes.none()).isTrue();
  }

  @Test
  void keysWithTheirValuesBeforeAndNow() {
    Changes changes =
        Changes.between(
            settings(GRID, "seed=1", "matrices=[\"*.query.*\"]").resolved(),
            settings(GRID, "seed=2", "calibration.sequences=7"));
    assertThat(changes.keys())
        .extracting(Changes.Change::toString)
        .containsExactly(
            "calibration.sequences: 128 -> 7", "matrices: [\"*.query.*\"] -> []", "seed: 1 -> 2");
    assertThat(changes.added()).isEmpty();
    assertThat(changes.removed()).isEmpty();
    assertThat(changes.none()).isFalse();
    assertThat(changes.brief())
        .isEqualTo(
            "calibration.sequences: 128 -> 7; matrices: [\"*.query.*\"] -> []; seed: 1 -> 2");
  }

  @Test
  void recipesByWhatTheyDoWhateverTheirOrderOrSpelling() {
    SweepSettings before = settings(GRID);
    Changes changes =
        Changes.between(
            before.resolved(),
            settings("recipes=[{method=dense}, {method=rtn, bits=3}, {method=rtn, bits=4}]"));
    assertThat(changes.keys()).isEmpty();
    assertThat(changes.added()).extracting(NamedRecipe::label).containsExactly("rtn(bits=3)");
    assertThat(changes.removed()).containsExactly("rtn(bits=2)");
    assertThat(changes.brief()).isEqualTo("recipes: 1 added, 1 removed");
    assertThat(
            Changes.between(
                    before.resolved(),
                    settings(
                        "recipes=[{method=dense}, {method=rtn, bits=4}, {method=rtn, bits=2}]"))
                .none())
        .isTrue();
  }

  @Test
  void whatPoolingCameToIsNoChange() {
    SweepSettings settings = settings(GRID);
    assertThat(Changes.between(settings.resolving("pooling", "mean").resolved(), settings).none())
        .isTrue();
    assertThat(
            Changes.between(
                    settings.resolving("pooling", "mean").resolved(), settings(GRID, "pooling=cls"))
                .keys())
        .hasToString("[pooling: \"mean\" -> \"cls\"]");
  }

  @Test
  void recipesOfAnotherVersionAreSaidToBeUnreadable() {
    Changes changes =
        Changes.between(settings(GRID).resolved().replace("\"rtn\"", "\"gone\""), settings(GRID));
    assertThat(changes.unreadable().orElseThrow()).contains("gone");
    assertThat(changes.none()).isFalse();
    assertThat(changes.added()).isEmpty();
  }

  @Test
  void aKeyThatAnotherVersionHadIsOneThatIsNotSetNow() {
    String older = settings(GRID).resolved().replace("\"seed\":0", "\"old-key\":true");
    assertThat(Changes.between(older, settings(GRID)).keys())
        .extracting(Changes.Change::toString)
        .containsExactly("old-key: true -> (not set)", "seed: (not set) -> 0");
  }

  private static SweepSettings settings(String... more) {
    List<String> arguments = new ArrayList<>(List.of("sweep=test", "model=/models/mini"));
    arguments.addAll(List.of(more));
    return SweepSettings.read(ConfigFactory.empty(), arguments);
  }
}
