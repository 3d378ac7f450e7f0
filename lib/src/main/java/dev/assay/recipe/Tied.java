package dev.assay.recipe;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.assay.InputException;
import dev.assay.config.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameters of a recipe that is spelled out: with {@code parameters {bits = [3, 4]}}, every
 * {@code bits = "${parameters.bits}"} in its stages is the same number, where two lists would
 * multiply. A parameter may be a block. The quotation marks keep HOCON from looking for the value
 * itself, which it would do at the top of the file.
 */
final class Tied {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{parameters\\.([^}]+)}");

  private final ConfigObject parameters;
  private final String where;
  private final Set<String> used = new TreeSet<>();

  private Tied(ConfigObject parameters, String where) {
    this.parameters = parameters;
    this.where = where;
  }

  /**
   * Puts the parameters' values where stages refer to them.
   *
   * @throws InputException if one is not there, or is not used
   */
  static List<ConfigObject> resolved(
      List<ConfigObject> stages, ConfigObject parameters, String where) {
    Tied tied = new Tied(parameters, where);
    List<ConfigObject> resolved = new ArrayList<>();
    stages.forEach(stage -> resolved.add((ConfigObject) tied.value(stage)));
    for (String key : parameters.keySet()) {
      if (!tied.used.contains(key)) {
        throw new InputException(
            parameters.get(key).origin().description(),
            "No stage of " + where + " refers to parameter '" + key + "'",
            "Write \"${parameters." + key + "}\", in quotation marks, where it is meant");
      }
    }
    return resolved;
  }

  private ConfigValue value(ConfigValue value) {
    if (value instanceof ConfigObject block) {
      ConfigObject resolved = block;
      for (Map.Entry<String, ConfigValue> entry : block.entrySet()) {
        resolved = resolved.withValue(entry.getKey(), value(entry.getValue()));
      }
      return resolved;
    }
    if (value instanceof ConfigList list) {
      List<ConfigValue> resolved = new ArrayList<>();
      list.forEach(element -> resolved.add(value(element)));
      return ConfigValueFactory.fromIterable(resolved).withOrigin(list.origin());
    }
    if (value.unwrapped() instanceof String text) {
      Matcher matcher = REFERENCE.matcher(text.strip());
      if (matcher.matches()) {
        return named(matcher.group(1), value);
      }
    }
    return value;
  }

  private ConfigValue named(String key, ConfigValue at) {
    ConfigValue found = parameters.get(key);
    if (found == null) {
      throw new InputException(
          at.origin().description(),
          "There is no parameter '" + key + "' in " + where,
          Suggestion.of(key, parameters.keySet()));
    }
    used.add(key);
    return found;
  }
}
