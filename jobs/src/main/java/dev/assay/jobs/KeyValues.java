package dev.assay.jobs;

import dev.assay.InputException;
import dev.assay.config.Suggestion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code key=value} arguments of a command that reads no configuration; later ones win.
 *
 * @param command its name, for messages
 * @param values what was given
 */
record KeyValues(String command, Map<String, String> values) {
  /**
   * Reads arguments.
   *
   * @param keys what may be given
   * @throws InputException if a key is another, or has no value
   */
  static KeyValues of(String command, List<String> arguments, List<String> keys) {
    Map<String, String> values = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String key = equals < 0 ? argument : argument.substring(0, equals);
      if (!keys.contains(key)) {
        throw new InputException(
            command, "'" + argument + "' is not understood", Suggestion.of(key, keys));
      }
      String value = equals < 0 ? "" : argument.substring(equals + 1).strip();
      if (value.isEmpty()) {
        throw new InputException(command, key + " has no value", "Write " + key + "=VALUE");
      }
      values.put(key, value);
    }
    return new KeyValues(command, values);
  }

  Optional<String> value(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /**
   * What must be given.
   *
   * @throws InputException if it was not
   */
  String required(String key, String example) {
    return value(key)
        .orElseThrow(
            () -> new InputException(command, key + " is missing", "Add it, as in " + example));
  }
}
