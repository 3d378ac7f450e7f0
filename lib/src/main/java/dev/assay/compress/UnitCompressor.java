package dev.assay.compress;

import dev.assay.InputException;
import dev.assay.checkpoint.Tensor;
import dev.assay.linalg.Factors;
import dev.assay.part.CompressedMatrix;
import dev.assay.plan.Cell;
import dev.assay.plan.Factorization;
import dev.assay.plan.Ids;
import dev.assay.plan.Unit;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.protect.Selection;
import dev.assay.recipe.score.Score;
import dev.assay.stats.Fisher;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs all cells of one unit on its weight. A cell that cannot be computed is a result, not an
 * exception; what may pass (a file that cannot be read at the moment, memory) and what is wrong
 * with files (statistics that are none) is an exception.
 *
 * <p>Deterministic: the metrics depend on the weight, the cell and the user's seed.
 */
public final class UnitCompressor {
  /** Where what is known of the unit's weight comes from. */
  @FunctionalInterface
  public interface Source {
    /**
     * The factors of the unit's weight.
     *
     * @throws IOException if they cannot be read
     */
    Factors factors(Factorization factorization) throws IOException;

    /**
     * What a task's gradients say about the unit's weight.
     *
     * @throws UnfitException if there are none
     * @throws IOException if they cannot be read
     */
    default Fisher fisher() throws IOException {
      throw new UnfitException(
          "The recipe needs gradients of the weight, and there are none; calibrate on the task that"
              + " the model was fine-tuned for");
    }
  }

  private final Unit unit;
  private final Tensor tensor;
  private final Matrix weight;
  private final Source source;
  private final Input input;
  private final long userSeed;
  private final Map<Factorization, Factors> loaded = new HashMap<>();
  private Optional<Fisher> fisher = Optional.empty();

  /** Prepares a unit of whose input nothing is known. */
  public UnitCompressor(Unit unit, Matrix weight, Source source, long userSeed) {
    this(unit, weight, source, Input.unknown(weight), userSeed);
  }

  /**
   * Prepares a unit.
   *
   * @param weight the unit's weight, out × in
   * @param source read at most once per factorization
   * @param input what the weight reads
   */
  public UnitCompressor(Unit unit, Matrix weight, Source source, Input input, long userSeed) {
    this.unit = unit;
    this.tensor = unit.matrix().weight();
    this.input = input;
    this.weight = weight;
    this.source = source;
    this.userSeed = userSeed;
  }

  /** Computes cells of the unit, in order. */
  public List<CellResult> compress(List<Cell> cells) {
    List<CellResult> results = new ArrayList<>(cells.size());
    int bad = weight.firstNonFinite();
    for (Cell cell : cells) {
      long start = System.nanoTime();
      CellResult.Outcome outcome = bad >= 0 ? poisoned(bad) : outcome(cell);
      results.add(new CellResult(cell, outcome, (System.nanoTime() - start) / 1e9));
    }
    return results;
  }

  /**
   * What a cell's recipe makes of the weight.
   *
   * @throws UnfitException if the recipe does not fit
   */
  public CompressedMatrix compress(Cell cell) {
    return compress(cell, new ArrayList<>());
  }

  /**
   * The entries (row-major indices) that the recipe of each cell protects first. A score is
   * computed once for all budgets.
   *
   * @param cells with recipes that begin with a {@link Selection}
   * @throws UnfitException if a budget is larger than the matrix
   */
  public Map<Cell, BitSet> selections(Collection<Cell> cells) {
    record Scored(Score score, Factorization factorization) {}
    Map<Scored, List<Cell>> byScore = new LinkedHashMap<>();
    for (Cell cell : cells) {
      Scored scored = new Scored(selection(cell).score(), cell.factorization());
      byScore.computeIfAbsent(scored, key -> new ArrayList<>()).add(cell);
    }
    Map<Cell, BitSet> entries = new HashMap<>();
    byScore.forEach(
        (scored, sharing) -> {
          Knowledge knowledge = knowledge(scored.factorization(), new ArrayList<>());
          float[] scores = selection(sharing.get(0)).scores(weight, tensor.dtype(), knowledge);
          for (Cell cell : sharing) {
            entries.put(cell, selection(cell).entries(scores, weight.rows(), weight.cols()));
          }
        });
    return entries;
  }

  private static Selection selection(Cell cell) {
    return Selection.of(cell.recipe().recipe()).orElseThrow();
  }

  private CompressedMatrix compress(Cell cell, List<String> notes) {
    DType stored = tensor.dtype();
    Knowledge knowledge = knowledge(cell.factorization(), notes);
    return cell.recipe().recipe().compress(weight, stored, knowledge);
  }

  private CellResult.Outcome outcome(Cell cell) {
    List<String> notes = new ArrayList<>();
    CompressedMatrix compressed;
    Matrix effective;
    try {
      compressed = compress(cell, notes);
      effective = compressed.decode();
    } catch (UncheckedIOException | InputException e) {
      throw e;
    } catch (RuntimeException e) {
      return CellResult.Failed.of(e);
    }
    // Not the cell's fault if this fails: its recipe may not use the statistics.
    return new CellResult.Done(
        LayerMetrics.of(weight, effective, compressed.bytes()), outputError(effective), notes);
  }

  private OutputError outputError(Matrix effective) {
    if (!input.calibrated()) {
      return null;
    }
    InputStatistics statistics;
    try {
      statistics = input.statistics();
    } catch (UnfitException e) {
      return null; // calibration found none: the model's activations are not finite
    }
    double energy =
        input.once(List.of("energy", unit.name()), () -> OutputError.energy(weight, statistics));
    return OutputError.of(weight, effective, statistics, energy);
  }

  private CellResult.Failed poisoned(int index) {
    return new CellResult.Failed(
        "NonFiniteWeight",
        unit.name()
            + " holds "
            + weight.data()[index]
            + " at ["
            + index / weight.cols()
            + ", "
            + index % weight.cols()
            + "]; repair the checkpoint or exclude the tensor");
  }

  private Knowledge knowledge(Factorization factorization, List<String> notes) {
    return new Knowledge() {
      @Override
      public Factors factors(int rank) {
        return loaded.computeIfAbsent(factorization, UnitCompressor.this::load);
      }

      @Override
      public InputStatistics statistics() {
        return input.statistics();
      }

      @Override
      public Fisher fisher() {
        return UnitCompressor.this.fisher();
      }

      @Override
      public List<Matrix> peers() {
        return input.peers();
      }

      @Override
      public <T> T once(Object key, Supplier<T> make) {
        return input.once(key, make);
      }

      @Override
      public void note(String message) {
        notes.add(message);
      }

      @Override
      public long seed(String purpose) {
        return Ids.seed(userSeed, purpose, tensor.identity());
      }

      @Override
      public long sharedSeed(String purpose) {
        return Ids.seed(userSeed, purpose, "");
      }
    };
  }

  private Fisher fisher() {
    if (fisher.isEmpty()) {
      try {
        fisher = Optional.of(source.fisher());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return fisher.get();
  }

  private Factors load(Factorization factorization) {
    try {
      return source.factors(factorization);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
