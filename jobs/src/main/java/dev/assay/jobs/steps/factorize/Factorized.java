package dev.assay.jobs.steps.factorize;

import dev.assay.jobs.pool.LostTask;
import dev.assay.jobs.run.ModelLabels;
import dev.assay.jobs.tables.SpectrumRow;
import dev.assay.linalg.Factors;
import dev.assay.linalg.Spectrum;
import dev.assay.plan.Plan.FactorTask;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What became of a factorization: its spectrum's rows, or why there is none. */
public sealed interface Factorized extends Serializable {
  /** The factorization's id. */
  String id();

  /**
   * The factors are in the store.
   *
   * @param spectrum one row per singular value
   */
  record Stored(String id, List<SpectrumRow> spectrum) implements Factorized {
    /** The rows of a spectrum that was not compared with another. */
    static Stored of(FactorTask task, ModelLabels labels, Factors factors) {
      return new Stored(task.id(), rows(task, labels, factors, null, new double[0]));
    }

    /**
     * The rows of a spectrum beside a reference's.
     *
     * @param reference name of the factorizer that computed {@code expected}
     * @param expected its singular values, descending
     */
    static Stored compared(
        FactorTask task, ModelLabels labels, Factors factors, String reference, double[] expected) {
      return new Stored(task.id(), rows(task, labels, factors, reference, expected));
    }

    private static List<SpectrumRow> rows(
        FactorTask task, ModelLabels labels, Factors factors, String reference, double[] expected) {
      Spectrum spectrum = factors.spectrum();
      double[] energy = spectrum.cumulativeEnergy();
      double[] sigma = spectrum.sigma();
      Double effectiveRank =
          spectrum.effectiveRank().isPresent() ? spectrum.effectiveRank().getAsDouble() : null;
      List<SpectrumRow> rows = new ArrayList<>(sigma.length);
      for (int i = 0; i < sigma.length; i++) {
        Double value = i < expected.length ? expected[i] : null;
        rows.add(
            new SpectrumRow(
                task.id(),
                labels.model(),
                task.weight().name(),
                task.weight().rows(),
                task.weight().cols(),
                task.factorization().factorizer().id(),
                i + 1,
                sigma[i],
                energy[i],
                spectrum.stableRank(),
                effectiveRank,
                value == null ? null : reference,
                value,
                value == null || expected[0] == 0
                    ? null
                    : Math.abs(sigma[i] - value) / expected[0]));
      }
      return rows;
    }
  }

  /**
   * The matrix cannot be factorized, now or later, or not with the memory there is.
   *
   * @param errorClass simple name of the exception
   * @param message what went wrong
   */
  record Failed(String id, String errorClass, String message) implements Factorized {
    static Failed of(FactorTask task, RuntimeException e) {
      return new Failed(task.id(), e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
    }

    static Failed of(FactorTask task, LostTask why) {
      return new Failed(task.id(), why.errorClass(), why.message());
    }
  }
}
