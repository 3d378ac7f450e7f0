package dev.assay.recipe;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A recipe as the user asked for it.
 *
 * @param name the method, or the name the user gave a composition
 * @param parameters every parameter with its value, in order of name
 * @param chosen the parameters the user set, which are what tells it from its neighbours
 * @param recipe the stages
 * @param aliases labels of other entries of the configuration that came to the same stages
 */
public record NamedRecipe(
    String name,
    Map<String, String> parameters,
    List<String> chosen,
    Recipe recipe,
    List<String> aliases)
    implements Serializable {

  /** The name and the chosen parameters: {@code rtn(bits=4, granularity=row)}. */
  public String label() {
    if (chosen.isEmpty()) {
      return name;
    }
    return chosen.stream()
        .map(key -> key + "=" + parameters.get(key))
        .collect(Collectors.joining(", ", name + "(", ")"));
  }

  NamedRecipe alsoKnownAs(String label) {
    if (label.equals(label()) || aliases.contains(label)) {
      return this;
    }
    List<String> grown = new ArrayList<>(aliases);
    grown.add(label);
    return new NamedRecipe(name, parameters, chosen, recipe, List.copyOf(grown));
  }
}
