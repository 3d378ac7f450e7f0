package dev.assay.recipe;

import dev.assay.linalg.Factors;
import dev.assay.stats.Fisher;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a stage may ask about a weight beyond its values; computed once and shared by all cells. */
public interface Knowledge {
  /**
   * The weight's singular value decomposition, at least {@code rank} triples of it.
   *
   * @param rank 1 to min(out, in)
   */
  Factors factors(int rank);

  /**
   * A seed fixed by the user's seed, the purpose and the weight: independent of machine and order.
   */
  long seed(String purpose);

  /** A seed fixed by the user's seed and the purpose alone: the same for every weight. */
  long sharedSeed(String purpose);

  /**
   * What calibration learned about the weight's input; for a part of the weight, about what enters
   * the part.
   *
   * @throws UnfitException if nothing is known
   */
  InputStatistics statistics();

  /**
   * What a task's gradients say about the weight.
   *
   * @throws UnfitException if nothing is known
   */
  Fisher fisher();

  /**
   * All weights that read the weight's input, the weight itself among them, in order of name; for a
   * part of the weight, the part alone.
   */
  List<Matrix> peers();

  /**
   * What {@code make} makes, made once for all cells of all weights that read the same input, as
   * long as they are computed together: a factorization of H, a joint search.
   *
   * @param key a value (equals and hashCode) that names everything the result depends on beside the
   *     input's statistics and the peers
   */
  <T> T once(Object key, Supplier<T> make);

  /**
   * Takes note of something that a user should know of the result: what had to be done that the
   * recipe does not say. It has no effect on the result.
   */
  default void note(String message) {}

  /**
   * What is known of a part of the weight, such as a low-rank factor: statistics and seeds of its
   * own, no factors, no gradients.
   *
   * @param name what tells its seeds from the weight's
   * @param part the part's values
   * @param statistics what is known of what enters the part; asked at most once
   */
  default Knowledge part(String name, Matrix part, Supplier<InputStatistics> statistics) {
    Knowledge whole = this;
    Map<Object, Object> made = new HashMap<>();
    return new Knowledge() {
      @Override
      public Factors factors(int rank) {
        throw new UnfitException("A recipe for a low-rank factor cannot use factors of its own");
      }

      @Override
      public InputStatistics statistics() {
        return once("statistics", statistics);
      }

      @Override
      public Fisher fisher() {
        throw new UnfitException("Nothing is known of the gradients of a low-rank factor");
      }

      @Override
      public List<Matrix> peers() {
        return List.of(part);
      }

      @Override
      @SuppressWarnings("unchecked") // a key names one thing, which has one type
      public <T> T once(Object key, Supplier<T> make) {
        Object known = made.get(key);
        if (known == null) {
          known = make.get();
          made.put(key, known);
        }
        return (T) known;
      }

      @Override
      public void note(String message) {
        whole.note(name + ": " + message);
      }

      @Override
      public long seed(String purpose) {
        return whole.seed(name + "/" + purpose);
      }

      @Override
      public long sharedSeed(String purpose) {
        return whole.sharedSeed(name + "/" + purpose);
      }
    };
  }
}
