package dev.assay.jobs.steps.overlap;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.compress.UnitCompressor;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.ModelLabels;
import dev.assay.jobs.store.FactorStore;
import dev.assay.jobs.store.SiteInputs;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.jobs.store.WeightSource;
import dev.assay.jobs.tables.SelectionOverlapRow;
import dev.assay.plan.Cell;
import dev.assay.plan.Overlap;
import dev.assay.plan.Unit;
import dev.assay.recipe.protect.Selection;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Selects entries again as the cells of a site did, and counts what pairs of selections share.
 *
 * @param model path of the checkpoint
 * @param labels what the model is called
 * @param store where factors are
 * @param statistics where statistics of inputs are
 * @param hadoop configuration for file systems
 * @param userSeed the user's seed
 */
record SiteOverlaps(
    String model,
    ModelLabels labels,
    FactorStore store,
    StatisticsStore statistics,
    Broadcast<SerializableConfiguration> hadoop,
    long userSeed)
    implements TaskPool.Body<SiteOverlaps.Task, ArrayList<SelectionOverlapRow>> {

  /** A matrix with the pairs to count on it. */
  record Wanted(Unit unit, List<Overlap> overlaps) implements Serializable {}

  /** The matrices of a site. */
  record Task(List<Wanted> units) implements Serializable {}

  @Override
  public String describe(Task task) {
    return task.units().stream()
        .map(wanted -> wanted.unit().name())
        .collect(Collectors.joining(", ", "overlap on ", ""));
  }

  @Override
  public ArrayList<SelectionOverlapRow> run(Task task) throws IOException {
    Configuration conf = hadoop.value().value();
    SiteInputs inputs = new SiteInputs(model, statistics, conf);
    ArrayList<SelectionOverlapRow> rows = new ArrayList<>();
    for (Wanted wanted : task.units()) {
      Unit unit = wanted.unit();
      Tensor tensor = unit.matrix().weight();
      Matrix weight = Checkpoint.read(HadoopFolder.open(model, conf), tensor);
      Set<Cell> cells = new LinkedHashSet<>();
      for (Overlap overlap : wanted.overlaps()) {
        cells.add(overlap.a());
        cells.add(overlap.b());
      }
      Map<Cell, BitSet> selections =
          new UnitCompressor(
                  unit,
                  weight,
                  new WeightSource(
                      tensor,
                      (of, factorization) -> store.read(factorization.id(of, userSeed), conf),
                      statistics,
                      conf),
                  inputs.of(unit),
                  userSeed)
              .selections(cells);
      for (Overlap overlap : wanted.overlaps()) {
        BitSet shared = (BitSet) selections.get(overlap.a()).clone();
        shared.and(selections.get(overlap.b()));
        rows.add(
            new SelectionOverlapRow(
                overlap.id(),
                labels.model(),
                unit.layer() < 0 ? null : unit.layer(),
                unit.name(),
                selections.get(overlap.a()).cardinality(),
                selector(overlap.a()),
                selector(overlap.b()),
                shared.cardinality()));
      }
    }
    return rows;
  }

  private static SelectionOverlapRow.Selector selector(Cell cell) {
    Selection selection = Overlap.selection(cell);
    return new SelectionOverlapRow.Selector(selection.name(), selection.parameters());
  }
}
