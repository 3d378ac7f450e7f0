package dev.assay.plan;

import dev.assay.stats.FisherFile;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which statistics a model's matrices and their inputs have, for the ids of cells that use them.
 */
public sealed interface StatisticsIds extends Serializable {
  /** There are none. */
  record None() implements StatisticsIds {
    @Override
    public Optional<String> of(String input) {
      return Optional.empty();
    }

    @Override
    public Optional<String> fisher(String weight) {
      return Optional.empty();
    }
  }

  /**
   * Those of a calibration.
   *
   * @param calibration hash of model, texts, their labels and whatever else determines them
   * @param inputs names of those that are calibrated: of the linears in the model's blocks
   * @param weights names of those whose gradients are taken, none where no recipe needs any
   */
  record Computed(String calibration, Set<String> inputs, Set<String> weights)
      implements StatisticsIds {
    public Computed {
      inputs = Set.copyOf(inputs);
      weights = Set.copyOf(weights);
    }

    @Override
    public Optional<String> of(String input) {
      return inputs.contains(input)
          ? Optional.of(id("statistics", "input", input))
          : Optional.empty();
    }

    @Override
    public Optional<String> fisher(String weight) {
      return weights.contains(weight)
          ? Optional.of(id("fisher", "weight", weight))
          : Optional.empty();
    }

    private String id(String kind, String what, String name) {
      Map<String, Object> identity = new TreeMap<>();
      identity.put("kind", kind);
      identity.put("calibration", calibration);
      identity.put(what, name);
      return Ids.of(identity);
    }
  }

  /**
   * Those in a folder of the user's.
   *
   * @param identities of the files, by name without its ending
   */
  record Supplied(Map<String, String> identities) implements StatisticsIds {
    @Override
    public Optional<String> of(String input) {
      return Optional.ofNullable(identities.get(input));
    }

    @Override
    public Optional<String> fisher(String weight) {
      return Optional.ofNullable(identities.get(FisherFile.name(weight)));
    }
  }

  /** The id of the statistics of an input. */
  Optional<String> of(String input);

  /** The id of what gradients say of a weight. */
  Optional<String> fisher(String weight);
}
