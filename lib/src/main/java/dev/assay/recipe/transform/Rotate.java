package dev.assay.recipe.transform;

import dev.assay.config.Settings;
import dev.assay.part.Rotation;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import java.util.Locale;
import java.util.Map;

/**
 * Rotates the input channels at random, so that no channel or weight stands out: QuaRot's
 * randomized Hadamard matrix (Ashkboos et al., arXiv:2404.00456) on the input of every linear, see
 * {@link Rotation}. The signs depend on the user's seed and the width alone, so weights that read
 * one input are rotated alike.
 *
 * @param kind which rotation
 * @param replicate tells several random rotations apart
 */
public record Rotate(Kind kind, int replicate) implements Stage {
  /** Which orthogonal matrix. */
  public enum Kind {
    /** A Hadamard matrix with random signs. */
    HADAMARD
  }

  private record Drawn(int width, long seed) {}

  /** Reads the stage from its block. */
  public static Rotate read(Settings settings) {
    return new Rotate(
        settings.choice("kind", Kind.class, Kind.HADAMARD),
        settings.integer("replicate", 0, 0, Integer.MAX_VALUE));
  }

  @Override
  public String name() {
    return "rotate";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    int width = state.weight().cols();
    check(state.weight().rows(), width);
    long seed = knowledge.sharedSeed("rotation/" + replicate);
    return state.rebase(knowledge.once(new Drawn(width, seed), () -> Rotation.of(width, seed)));
  }

  @Override
  public Outline plan(Outline before) {
    return Transforms.plan(name(), before);
  }

  @Override
  public boolean seeded() {
    return true;
  }

  @Override
  public void check(int rows, int cols) {
    if (!Rotation.exists(cols)) {
      throw new UnfitException(
          "No Hadamard matrix of order "
              + cols
              + " is known, and its odd part is above "
              + Rotation.LARGEST_CORE
              + "; leave this matrix out of the recipe");
    }
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of(
        "version", 1, "kind", kind.name().toLowerCase(Locale.ROOT), "replicate", replicate);
  }

  @Override
  public Work work(int rows, int cols) {
    // There and back, and H on both sides.
    return new Work(0, 25.0 * cols * (2.0 * rows + 2.0 * cols));
  }
}
