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
 * @param chosen the parameters that tell it from its neighbours: of a method those the user set, of
 *     a composition those that vary
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

  /** The same, told from its neighbours by other parameters. */
  NamedRecipe chosenBy(List<String> keys) {
    return new NamedRecipe(name, parameters, keys, recipe, aliases);
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
