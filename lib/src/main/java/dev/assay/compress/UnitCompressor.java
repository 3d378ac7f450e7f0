package dev.assay.compress;

import dev.assay.linalg.Factors;
import dev.assay.part.CompressedMatrix;
import dev.assay.recipe.Knowledge;
import dev.assay.sweep.Cell;
import dev.assay.sweep.Factorization;
import dev.assay.sweep.Ids;
import dev.assay.sweep.UnitCells;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs all cells of one unit on its weight. A cell that cannot be computed is a result, not an
 * exception; what may pass (a file that cannot be read at the moment, memory) is an exception.
 *
 * <p>Deterministic: the metrics depend on the weight, the cell and the user's seed.
 */
public final class UnitCompressor {
  /** Where the factors of the unit's weight come from. */
  public interface FactorSource {
    /**
     * The factors of the unit's weight.
     *
     * @throws IOException if they cannot be read
     */
    Factors factors(Factorization factorization) throws IOException;
  }

  private final UnitCells unit;
  private final Matrix weight;
  private final FactorSource source;
  private final long userSeed;
  private final Map<Factorization, Factors> loaded = new HashMap<>();

  /**
   * Prepares a unit.
   *
   * @param weight the unit's weight, out × in
   * @param source read at most once per factorization
   */
  public UnitCompressor(UnitCells unit, Matrix weight, FactorSource source, long userSeed) {
    this.unit = unit;
    this.weight = weight;
    this.source = source;
    this.userSeed = userSeed;
  }

  /** Computes every cell, in order. */
  public List<CellResult> compress() {
    List<CellResult> results = new ArrayList<>(unit.cells().size());
    int bad = weight.firstNonFinite();
    for (Cell cell : unit.cells()) {
      long start = System.nanoTime();
      CellResult.Outcome outcome = bad >= 0 ? poisoned(bad) : outcome(cell);
      results.add(new CellResult(cell, outcome, (System.nanoTime() - start) / 1e9));
    }
    return results;
  }

  /**
   * What a cell's recipe makes of the weight.
   *
   * @throws dev.assay.recipe.UnfitException if the recipe does not fit
   */
  public CompressedMatrix compress(Cell cell) {
    DType stored = unit.unit().weight().dtype();
    return cell.recipe().recipe().compress(weight, stored, knowledge(cell.factorization()));
  }

  private CellResult.Outcome outcome(Cell cell) {
    try {
      return new CellResult.Done(LayerMetrics.of(weight, compress(cell)));
    } catch (UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      return CellResult.Failed.of(e);
    }
  }

  private CellResult.Failed poisoned(int index) {
    return new CellResult.Failed(
        "NonFiniteWeight",
        unit.unit().name()
            + " holds "
            + weight.data()[index]
            + " at ["
            + index / weight.cols()
            + ", "
            + index % weight.cols()
            + "]; repair the checkpoint or exclude the tensor");
  }

  private Knowledge knowledge(Factorization factorization) {
    return new Knowledge() {
      @Override
      public Factors factors(int rank) {
        return loaded.computeIfAbsent(factorization, UnitCompressor.this::load);
      }

      @Override
      public long seed(String purpose) {
        return Ids.seed(userSeed, purpose, unit.unit().weight().identity());
      }
    };
  }

  private Factors load(Factorization factorization) {
    try {
      return source.factors(factorization);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
