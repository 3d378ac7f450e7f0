package dev.assay.model;

import dev.assay.tensor.Matrix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models with whole matrices in the places of some of theirs. */
final class Replaced {
  private Replaced() {}

  /** {@link Model#with}, each weight by one matrix, out × in. */
  static Model in(Model model, Map<String, Matrix> matrices) {
    Map<String, List<Link>> links = new LinkedHashMap<>();
    matrices.forEach((name, matrix) -> links.put(name, List.of(Link.of(matrix))));
    return model.with(links);
  }
}
