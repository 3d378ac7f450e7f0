package dev.assay.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import dev.assay.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads configurations: a HOCON file, {@code key=value} arguments above it, defaults below. */
public final class Hocon {
  private static final String DEFAULTS = "defaults.conf";
  private static final String TOO_DEEP = "Write it with fewer brackets within brackets";

  private static final int MOST_DOTS = 200;

  /** Stages within factors within recipes nest seven deep. */
  private static final int DEEPEST = 64;

  private Hocon() {}

  /**
   * Parses a configuration that includes nothing.
   *
   * @param text HOCON
   * @param name what it is called in messages
   */
  public static Config parse(String text, String name) {
    return parse(text, name, Includes.none(name));
  }

  /**
   * Parses a configuration file, with what it includes.
   *
   * @param file its name
   * @param files where it lies
   * @throws InputException if it, or a file that it includes, is not there or not HOCON
   */
  public static Config parse(String file, ConfFiles files) {
    Optional<String> text;
    try {
      text = files.text(file);
    } catch (IOException e) {
      throw new InputException(file, "Cannot be read: " + e.getMessage(), "Check the path", e);
    }
    if (text.isEmpty()) {
      throw new InputException(
          file, "There is no such configuration file", "The ones that come along are in conf/");
    }
    return parse(text.get(), file, Includes.of(file, files));
  }

  private static Config parse(String text, String name, Includes includes) {
    checkText(text, name);
    try {
      return ConfigFactory.parseString(
          text, ConfigParseOptions.defaults().setOriginDescription(name).setIncluder(includes));
    } catch (ConfigException e) {
      throw new InputException(
          name, "Not valid HOCON: " + e.getMessage(), "Correct the line it names", e);
    } catch (StackOverflowError e) {
      throw tooDeep(name, e);
    }
  }

  /**
   * A whole configuration.
   *
   * @param file the parsed configuration file, empty if there is none
   * @param overrides {@code key=value} arguments, each HOCON; later ones win over earlier ones
   * @param owner whose {@code defaults.conf}, a resource beside the class, fills it up
   * @throws InputException if an argument is not HOCON, or something refers to what is not there
   */
  public static Config whole(Config file, List<String> overrides, Class<?> owner) {
    Config config = file;
    for (String argument : overrides) {
      config = override(argument).withFallback(config);
    }
    Config defaults = ConfigFactory.parseResources(owner, DEFAULTS).resolve();
    try {
      Config whole = config.withFallback(defaults).resolve();
      checkDepth(whole);
      // A key that nobody gave is missing in the file, not in all that it was merged from.
      return whole.root().withOrigin(file.origin().withLineNumber(-1)).toConfig();
    } catch (ConfigException e) {
      throw new InputException(
          "configuration", e.getMessage(), "Define it, or set the environment variable", e);
    } catch (StackOverflowError e) {
      throw tooDeep("configuration", e);
    }
  }

  static void checkText(String text, String where) {
    checkPaths(text, where);
    SideBySide.check(text, where);
  }

  /** The parser keeps the rest of a path at each of its dots, which is memory by the square. */
  private static void checkPaths(String text, String where) {
    int dots = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        dots++;
      } else if (Character.isWhitespace(c) || "\"{}[],:=+#$".indexOf(c) >= 0) {
        dots = 0;
      }
      if (dots > MOST_DOTS) {
        throw new InputException(where, "Has a key of more than " + MOST_DOTS + " parts", TOO_DEEP);
      }
    }
  }

  /** So that whoever walks a configuration may walk it recursively, as its own library does. */
  private static void checkDepth(Config config) {
    List<ConfigValue> level = List.of(config.root());
    for (int depth = 0; !level.isEmpty(); depth++) {
      if (depth > DEEPEST) {
        throw new InputException(
            level.get(0).origin().description(),
            "The configuration nests more than " + DEEPEST + " blocks and lists",
            TOO_DEEP);
      }
      List<ConfigValue> below = new ArrayList<>();
      for (ConfigValue value : level) {
        if (value instanceof ConfigObject block) {
          below.addAll(block.values());
        } else if (value instanceof ConfigList list) {
          below.addAll(list);
        }
      }
      level = below;
    }
  }

  /** The parser is recursive, and keeps nothing of what it was parsing. */
  private static InputException tooDeep(String where, StackOverflowError cause) {
    return new InputException(
        where, "Nests blocks, lists or keys too deeply to be read", TOO_DEEP, cause);
  }

  /** One {@code key=value}: HOCON, or the bare text where it is none, as with {@code hdfs://…}. */
  private static Config override(String argument) {
    int equals = argument.indexOf('=');
    String key = argument.substring(0, equals).strip();
    String value = argument.substring(equals + 1).strip();
    String origin = "command line: " + argument;
    boolean bare = value.isEmpty() || "[{\"".indexOf(value.charAt(0)) < 0;
    boolean plain = bare && (value.isEmpty() || value.contains("//") || value.contains("#"));
    if (!plain) {
      checkText(argument, "command line");
      try {
        return ConfigFactory.parseString(
            argument, ConfigParseOptions.defaults().setOriginDescription(origin));
      } catch (ConfigException e) {
        if (!bare) {
          throw notHocon(argument, e);
        }
      } catch (StackOverflowError e) {
        throw tooDeep("command line", e);
      }
    }
    try {
      return ConfigFactory.parseMap(Map.of(key, value), origin);
    } catch (ConfigException e) {
      throw notHocon(argument, e);
    }
  }

  private static InputException notHocon(String argument, ConfigException cause) {
    return new InputException(
        "command line",
        "'" + argument + "' is not HOCON: " + cause.getMessage(),
        "Write key=value, quoted for the shell: 'recipes=[{method=rtn}]'",
        cause);
  }
}
