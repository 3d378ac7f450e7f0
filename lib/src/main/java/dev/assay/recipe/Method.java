package dev.assay.recipe;

import com.typesafe.config.Config;
import dev.assay.InputException;
import dev.assay.config.Suggestion;
import java.util.List;
import java.util.Set;

/**
 * A named method: a preset of stages with its paper's defaults. It is read from one small HOCON
 * file with {@code summary}, {@code citation}, {@code parameters} (every one with its default) and
 * {@code stages}, which refer to the parameters by substitution.
 */
public final class Method {
  private final String name;
  private final Config file;

  private Method(String name, Config file) {
    this.name = name;
    this.file = file;
  }

  /**
   * A method from its file.
   *
   * @param name the method's name in configuration
   * @param file its contents, substitutions unresolved
   */
  static Method of(String name, Config file) {
    return new Method(name, file);
  }

  public String name() {
    return name;
  }

  /** One sentence: what the method does. */
  public String summary() {
    return file.resolve().getString("summary");
  }

  /** The paper or code the method is from. */
  public String citation() {
    return file.resolve().getString("citation");
  }

  /** The parameters with their defaults. */
  public Config parameters() {
    return file.getConfig("parameters");
  }

  /**
   * The method's stages with some parameters set.
   *
   * @param chosen parameter values; any that is not named has its default
   * @param where what the block is called in messages
   */
  List<Stage> stages(Config chosen, String where) {
    Set<String> known = parameters().root().keySet();
    for (String key : chosen.root().keySet()) {
      if (!known.contains(key)) {
        throw new InputException(
            chosen.root().get(key).origin().description(),
            "Unknown key '" + key + "' in " + where + " (method " + name + ")",
            Suggestion.of(key, known));
      }
    }
    Config resolved = chosen.atPath("parameters").withFallback(file).resolve();
    return Stages.read(resolved.getObjectList("stages"), where + " (method " + name + ")");
  }
}
