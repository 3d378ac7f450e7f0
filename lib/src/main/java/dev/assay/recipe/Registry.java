package dev.assay.recipe;

import dev.assay.config.Settings;
import dev.assay.config.Suggestion;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The kinds of something that configuration may name, each with what reads its keys.
 *
 * @param <T> what is read
 */
public final class Registry<T> {
  private final String key;
  private final Map<String, Function<Settings, ? extends T>> readers;
  private final Optional<String> usual;

  /**
   * A list of names.
   *
   * @param key the key that holds the name, {@code stage}
   * @param readers what reads the rest of the block, by name
   */
  public Registry(String key, Map<String, Function<Settings, ? extends T>> readers) {
    this(key, readers, Optional.empty());
  }

  /**
   * A list of names.
   *
   * @param usual the name that is meant where a block has none
   */
  public Registry(String key, Map<String, Function<Settings, ? extends T>> readers, String usual) {
    this(key, readers, Optional.of(usual));
  }

  private Registry(
      String key, Map<String, Function<Settings, ? extends T>> readers, Optional<String> usual) {
    this.key = key;
    this.readers = new TreeMap<>(readers);
    this.usual = usual;
  }

  /**
   * Reads a block.
   *
   * @throws dev.assay.InputException if it names nothing that is known
   */
  public T read(Settings settings) {
    String name = usual.isPresent() ? settings.text(key, usual.get()) : settings.text(key);
    Function<Settings, ? extends T> reader = readers.get(name);
    if (reader == null) {
      throw settings.wrong(key, name, Suggestion.of(name, readers.keySet()));
    }
    return reader.apply(settings);
  }

  /** Every name, in order. */
  public Set<String> names() {
    return readers.keySet();
  }
}
