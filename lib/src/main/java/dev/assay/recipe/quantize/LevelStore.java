package dev.assay.recipe.quantize;

import dev.assay.part.Levels;

/** The levels of one matrix on their way to storage, a group of columns at a time. */
public interface LevelStore {
  /**
   * Takes in the levels of a group of columns.
   *
   * @param exact those of its granules, one per output row or one for the tensor
   * @return the same as they will be read back
   * @throws dev.assay.recipe.UnfitException if the storage type cannot hold them
   */
  Fit[] settle(int group, Fit[] exact);

  /** What is stored once every group is settled. */
  Levels levels();
}
