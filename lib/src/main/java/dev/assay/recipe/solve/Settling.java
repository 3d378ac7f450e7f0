package dev.assay.recipe.solve;

import dev.assay.recipe.State;

/** What becomes of the entries that a {@link Walk} reaches. */
interface Settling {
  /**
   * Where a block may end that begins at step {@code from} and would end at {@code to}: it does not
   * end within what must be chosen from columns that are up to date.
   */
  default int end(int from, int to) {
    return to;
  }

  /**
   * Prepares for step {@code first}; returns where the next has to be prepared for, or {@code to}.
   */
  default int reach(int first, int to) {
    return to;
  }

  /**
   * Settles an entry that is not pruned.
   *
   * @return what it will be read back as, less what other parts hold of it
   */
  double settle(int row, int step, double w);

  /** What is left once all entries are settled, which is nothing. */
  State finish();
}
