package dev.assay.recipe;

import dev.assay.linalg.Factors;
import dev.assay.stats.Fisher;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Knowledge that tells what was made of it and what was noted. */
public record Counting(Knowledge inner, List<Object> made, List<Object> notes)
    implements Knowledge {
  public Counting(Knowledge inner, List<Object> made) {
    this(inner, made, new ArrayList<>());
  }

  @Override
  public Factors factors(int rank) {
    return inner.factors(rank);
  }

  @Override
  public long seed(String purpose) {
    return inner.seed(purpose);
  }

  @Override
  public long sharedSeed(String purpose) {
    return inner.sharedSeed(purpose);
  }

  @Override
  public InputStatistics statistics() {
    return inner.statistics();
  }

  @Override
  public Fisher fisher() {
    return inner.fisher();
  }

  @Override
  public List<Matrix> peers() {
    return inner.peers();
  }

  @Override
  public <T> T once(Object key, Supplier<T> make) {
    return inner.once(
        key,
        () -> {
          made.add(key);
          return make.get();
        });
  }

  @Override
  public void note(String message) {
    notes.add(message);
  }
}
