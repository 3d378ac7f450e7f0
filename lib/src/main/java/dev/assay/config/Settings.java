package dev.assay.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.assay.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One block of a configuration, read strictly: a key nobody asked for is an error that says what
 * was meant, and every error names the file, the line and the key.
 */
public final class Settings {
  private static final ConfigRenderOptions RENDER = ConfigRenderOptions.concise();

  private final Config config;
  private final String block;
  private final Set<String> read = new TreeSet<>();

  private Settings(Config config, String block) {
    this.config = config;
    this.block = block;
  }

  /**
   * Reads {@code config}.
   *
   * @param block what the block is called in messages, {@code recipes[2]}
   */
  public static Settings of(Config config, String block) {
    return new Settings(config, block);
  }

  /** Whether the key is there and not null. */
  public boolean has(String key) {
    read.add(key);
    return config.hasPath(quoted(key));
  }

  /** Whether the key is there and says something other than {@code none}. */
  public boolean given(String key) {
    return has(key) && !text(key).equals("none");
  }

  /** Every key that is there, in order of name. */
  public Set<String> keys() {
    return new TreeSet<>(config.root().keySet());
  }

  /** A text or a number, as text. */
  public String text(String key) {
    return read(key, path -> config.getString(path));
  }

  /** A text or a number, as text, or {@code fallback} where the key is absent. */
  public String text(String key, String fallback) {
    return has(key) ? text(key) : fallback;
  }

  /** A whole number from {@code least} to {@code most}. */
  public int integer(String key, int least, int most) {
    String text = text(key);
    try {
      int number = Integer.parseInt(text.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message for both.
    }
    throw wrong(key, text, "Use a whole number from " + least + " to " + most);
  }

  /** A whole number, or {@code fallback} where the key is absent. */
  public int integer(String key, int fallback, int least, int most) {
    return has(key) ? integer(key, least, most) : fallback;
  }

  /** A number from {@code least} to {@code most}, or {@code fallback} where the key is absent. */
  public double number(String key, double fallback, double least, double most) {
    if (!has(key)) {
      return fallback;
    }
    return number(key, least, most);
  }

  /** A number from {@code least} to {@code most}. */
  public double number(String key, double least, double most) {
    String text = text(key);
    try {
      double number = Double.parseDouble(text.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message for both.
    }
    throw wrong(key, text, "Use a number from " + plain(least) + " to " + plain(most));
  }

  /** Without a fraction where there is none. */
  private static String plain(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  /** A whole 64-bit number. */
  public long longInteger(String key) {
    String text = text(key);
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw wrong(key, text, "Use a whole number");
    }
  }

  /** True or false. */
  public boolean flag(String key) {
    return read(key, config::getBoolean);
  }

  /** A time span above 0 in milliseconds, {@code 5s}. */
  public long millis(String key) {
    long millis = read(key, path -> config.getDuration(path).toMillis());
    if (millis <= 0) {
      throw wrong(key, text(key), "Use a time span above 0, such as 5s");
    }
    return millis;
  }

  /** One of an enum's constants in kebab-case. */
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    Map<String, E> choices =
        Arrays.stream(type.getEnumConstants())
            .collect(
                Collectors.toMap(
                    e -> e.name().toLowerCase(Locale.ROOT).replace('_', '-'), Function.identity()));
    String text = text(key);
    E chosen = choices.get(text);
    if (chosen == null) {
      throw wrong(key, text, Suggestion.of(text, choices.keySet()));
    }
    return chosen;
  }

  /** One of an enum's constants, or {@code fallback} where the key is absent. */
  public <E extends Enum<E>> E choice(String key, Class<E> type, E fallback) {
    return has(key) ? choice(key, type) : fallback;
  }

  /** A list of texts; a single text is a list of one. */
  public List<String> texts(String key) {
    read.add(key);
    if (has(key) && config.getValue(quoted(key)).valueType() != ConfigValueType.LIST) {
      return List.of(text(key));
    }
    return read(key, config::getStringList);
  }

  /** A list of blocks. */
  public List<ConfigObject> blocks(String key) {
    return read(key, path -> List.copyOf(config.getObjectList(path)));
  }

  /** A block within this one. */
  public Config nested(String key) {
    return read(key, config::getConfig);
  }

  /**
   * A block within this one.
   *
   * @param first a key of it, for whoever gave a value in its place
   */
  public Config block(String key, String first) {
    if (has(key) && config.getValue(quoted(key)).valueType() != ConfigValueType.OBJECT) {
      String value = config.getValue(quoted(key)).render(RENDER);
      throw wrong(
          key,
          value,
          "It is a block of keys: write " + key + "." + first + " = " + value + ", or another key");
    }
    return nested(key);
  }

  /** A block within this one; none where the key is absent or says {@code none}. */
  public Optional<Config> optionalBlock(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    ConfigValue value = config.getValue(quoted(key));
    return "none".equals(value.unwrapped()) ? Optional.empty() : Optional.of(nested(key));
  }

  /** Reads all of a block within this one. */
  public <T> T inner(String key, Function<Settings, T> reader) {
    return whole(nested(key), key, reader);
  }

  /** Reads all of a block within this one; none where the key is absent or says {@code none}. */
  public <T> Optional<T> block(String key, Function<Settings, T> reader) {
    return optionalBlock(key).map(block -> whole(block, key, reader));
  }

  private static <T> T whole(Config block, String name, Function<Settings, T> reader) {
    Settings inner = of(block, name);
    T made = reader.apply(inner);
    inner.finish();
    return made;
  }

  /** Refuses keys that nobody has read. */
  public void finish() {
    for (String key : config.root().keySet()) {
      if (!read.contains(key)) {
        ConfigValue value = config.root().get(key);
        throw new InputException(
            origin(value), "Unknown key '" + key + "' in " + block, Suggestion.of(key, read));
      }
    }
  }

  /** An error about the value of {@code key}. */
  public InputException wrong(String key, String value, String fix) {
    return new InputException(
        origin(config.root().get(key)),
        key + " = " + value + " in " + block + " is not valid",
        fix);
  }

  private <T> T read(String key, Function<String, T> reader) {
    read.add(key);
    try {
      return reader.apply(quoted(key));
    } catch (ConfigException.Missing e) {
      throw new InputException(
          origin(config.root()), "Key '" + key + "' is missing in " + block, "Add it", e);
    } catch (ConfigException.WrongType | ConfigException.BadValue e) {
      ConfigValue value = config.root().get(key);
      String shown = value == null ? "?" : value.render(RENDER);
      throw new InputException(
          origin(value),
          key + " = " + shown + " in " + block + " is not valid",
          "HOCON says: " + withoutPlace(e),
          e);
    }
  }

  /** The message names the place that ours begins with. */
  private static String withoutPlace(ConfigException e) {
    String place = e.origin() == null ? "" : e.origin().description() + ": ";
    return e.getMessage().startsWith(place)
        ? e.getMessage().substring(place.length())
        : e.getMessage();
  }

  private static String origin(ConfigValue value) {
    return value == null ? "configuration" : value.origin().description();
  }

  private static String quoted(String key) {
    return ConfigUtil.joinPath(key);
  }
}
