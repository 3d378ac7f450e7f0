package dev.assay.jobs.store;

import dev.assay.checkpoint.Tensor;
import dev.assay.compress.UnitCompressor;
import dev.assay.linalg.Factors;
import dev.assay.plan.Factorization;
import dev.assay.stats.Fisher;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * What is stored about a weight.
 *
 * @param weight which
 * @param factorizations where its factors are
 * @param statistics where its Fisher information is
 */
public record WeightSource(
    Tensor weight, Factorizations factorizations, StatisticsStore statistics, Configuration conf)
    implements UnitCompressor.Source {

  /** Factors of weights. */
  public interface Factorizations {
    Factors of(Tensor weight, Factorization factorization) throws IOException;
  }

  @Override
  public Factors factors(Factorization factorization) throws IOException {
    return factorizations.of(weight, factorization);
  }

  @Override
  public Fisher fisher() throws IOException {
    return statistics.fisher(weight, conf);
  }
}
