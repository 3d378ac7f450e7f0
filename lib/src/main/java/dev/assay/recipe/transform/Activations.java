package dev.assay.recipe.transform;

import dev.assay.config.Settings;
import dev.assay.part.InputRounding;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rounds the linear's input at run time, every token with a scale of its own, in the basis that the
 * stages before have chosen: {@link InputRounding.PerToken}. It changes no weight; the effective
 * weight, its metrics and its size are those without it, and models computed with it round.
 *
 * @param bits 2 to 8, or {@link #EXACT}: no rounding, so that a recipe with it equals one without
 * @param clipRatio share of the largest entry that the range reaches to, above 0 and at most 1
 */
public record Activations(int bits, double clipRatio) implements Stage {
  /** As many bits as leave activations as they are. */
  public static final int EXACT = 16;

  /** Checks the bits. */
  public Activations {
    if ((bits < 2 || bits > 8) && bits != EXACT) {
      throw new UnfitException(
          "Activations of " + bits + " bits are not supported; use 2 to 8, or 16 for no rounding");
    }
  }

  /** Reads the stage from its block. */
  public static Activations read(Settings settings) {
    return new Activations(
        settings.integer("bits", 2, EXACT), settings.number("clip-ratio", 1, 1e-3, 1));
  }

  @Override
  public String name() {
    return "activations";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    return state.round(new InputRounding.PerToken(bits, clipRatio));
  }

  @Override
  public Outline plan(Outline before) {
    if (before.factor()) {
      throw new UnfitException(
          "Stage 'activations' rounds what enters a linear; it cannot stand in a recipe for a"
              + " low-rank factor");
    }
    if (before.rounded()) {
      throw new UnfitException("Stage 'activations' comes twice; use one number of bits");
    }
    return before.withRounded();
  }

  @Override
  public boolean idle() {
    return bits == EXACT;
  }

  @Override
  public boolean roundsInputs() {
    return true;
  }

  @Override
  public Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>();
    map.put("version", 2);
    map.put("bits", bits);
    map.put("granularity", "token");
    map.put("clip-ratio", clipRatio);
    return map;
  }

  @Override
  public Map<String, Number> columns(int rows, int cols) {
    return Map.of("activation_bits", bits);
  }

  @Override
  public Work work(int rows, int cols) {
    return Work.NONE;
  }
}
