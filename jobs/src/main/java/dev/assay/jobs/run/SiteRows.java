package dev.assay.jobs.run;

import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.LayerMetricsRow;
import dev.assay.jobs.tables.OutputMetricsRow;
import dev.assay.linalg.Backend;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkEnv;

/**
 * The rows that a site's task brings back.
 *
 * @param executor id of the executor
 * @param backend what it computes on, with its measured rate
 * @param cells one per cell
 * @param metrics one per matrix of a cell that is done
 * @param outputs one per matrix of a cell that is done, where its input is calibrated
 * @param unmeasured why cells that were to be made again could not be
 */
public record SiteRows(
    String executor,
    String backend,
    List<CellRow> cells,
    List<LayerMetricsRow> metrics,
    List<OutputMetricsRow> outputs,
    List<String> unmeasured)
    implements Serializable {

  public static SiteRows begin(Backend backend) {
    String described =
        String.format(
            Locale.ROOT,
            "%s, %.0f GF/s double, %.0f GF/s single",
            backend.name(),
            backend.doubleGflops(),
            backend.singleGflops());
    return new SiteRows(
        SparkEnv.get().executorId(),
        described,
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>());
  }
}
