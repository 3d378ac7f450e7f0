package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A family whose network is known, so that its models run. */
public interface Architecture extends Family {

  /** The names of its network. */
  Anatomy anatomy();

  /**
   * Whether a checkpoint without {@code model_type} is of this family.
   *
   * @param shapes its tensors' names and stored shapes
   */
  boolean recognizes(Map<String, List<Long>> shapes);

  @Override
  default Optional<Feed> feed(String tensorName) {
    return anatomy().feed(tensorName);
  }
}
