package dev.assay.recipe.quantize;

import dev.assay.part.Codes;
import dev.assay.part.Granularity;
import java.util.BitSet;

/**
 * The levels and codes of one matrix while they are chosen. What is rounded for storage is rounded
 * before codes are chosen, so that the codes are the best for what will be read back.
 *
 * <p>Granules are fitted a group of columns at a time, all output rows of it, since these may share
 * a second level.
 */
public final class Coder {
  private final Quantizer how;
  private final int rows;
  private final int cols;
  private final int groups;
  private final Fit[] fits;
  private final LevelStore store;

  public Coder(Quantizer how, int rows, int cols) {
    this.how = how;
    this.rows = rows;
    this.cols = cols;
    this.groups = how.granularity().granules(1, cols);
    this.fits = new Fit[how.granularity().granules(rows, cols)];
    this.store = how.store(groups, fits.length);
  }

  /** Groups of columns: granules in an output row, 1 for the granule that is the whole tensor. */
  public int groups() {
    return groups;
  }

  /** Granules in a group: one per output row, or one for the tensor. */
  public int rows() {
    return rows / height();
  }

  /** Output rows in a granule. */
  public int height() {
    return how.granularity() instanceof Granularity.Tensor ? Math.max(1, rows) : 1;
  }

  /** The first column of a group. */
  public int start(int group) {
    return group * Math.min(cols, how.granularity().span(cols));
  }

  /** One past the last column of a group. */
  public int end(int group) {
    return group == groups - 1 ? cols : start(group + 1);
  }

  /** What codes stand for in column {@code col} of output row {@code row}. */
  public Fit fit(int row, int col) {
    return fits[row / height() * groups + col / how.granularity().span(cols)];
  }

  /** Settles a group of columns, with the fit of each of its {@linkplain #rows() granules}. */
  public void settle(int group, Fit[] exact) {
    Fit[] stored = store.settle(group, exact);
    for (int row = 0; row < stored.length; row++) {
      fits[row * groups + group] = stored[row];
    }
  }

  /**
   * What is stored once every group is settled.
   *
   * @param codes one per entry, row-major
   * @param pruned entries that have no code
   */
  public Codes codes(char[] codes, BitSet pruned) {
    return new Codes(rows, cols, how.bits(), how.granularity(), codes, pruned, store.levels());
  }
}
