package dev.assay.jobs.tables;

import java.io.Serializable;

/**
 * A row on its way to a table. Rows are plain values that tasks return to the driver; run, sweep
 * and time of landing are added by the committer.
 */
public sealed interface TableRow extends Serializable
    permits RunRow,
        CellRow,
        LayerMetricsRow,
        OutputMetricsRow,
        SpectrumRow,
        SelectionOverlapRow,
        AllocationRow,
        ModelMetricsRow,
        ComparisonRow,
        PredictionRow {
  /** The table this row belongs to. */
  Table table();
}
