package dev.assay.recipe.transform;

import dev.assay.part.ChannelScale;
import dev.assay.recipe.Outline;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.DType;

/** What the stages that change the basis have in common. */
final class Transforms {
  private Transforms() {}

  /**
   * Channel scales as they will be stored.
   *
   * @throws UnfitException if the type cannot hold one of them
   */
  static ChannelScale channelScale(float[] scales, DType type) {
    for (float scale : scales) {
      float rounded = type.round(scale);
      if (!(rounded > 0) || Float.isInfinite(rounded)) {
        throw new UnfitException(
            "A channel scale of "
                + scale
                + " cannot be stored as "
                + type.label()
                + "; use channel-type = f32");
      }
    }
    return ChannelScale.of(scales, type);
  }

  /**
   * Plans a change of basis.
   *
   * @throws UnfitException if something has been done already
   */
  static Outline plan(String stage, Outline before) {
    if (before.frozen() || before.pruned() || before.residual() || before.rounded()) {
      throw new UnfitException(
          "Stage '"
              + stage
              + "' changes the basis in which all others work: it must come before them");
    }
    return before.withBasis();
  }

  /**
   * Plans a change of basis that is chosen by what is known of the input.
   *
   * @throws UnfitException if nothing can be, or something has been done already
   */
  static Outline planWithStatistics(String stage, Outline before) {
    if (before.factor()) {
      throw new UnfitException(
          "Stage '" + stage + "' is not supported in a recipe for a low-rank factor");
    }
    return plan(stage, before);
  }
}
