package dev.assay.recipe;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.config.Suggestion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The named methods: every {@code .conf} file in the resource folder {@code methods} beside this
 * class. A file there is all it takes to add one.
 */
public final class Methods {
  private static final String SUFFIX = ".conf";
  private static final String EXTENDS = "extends";

  private final Map<String, Method> methods;

  private Methods(Map<String, Method> methods) {
    this.methods = methods;
  }

  /** Read once, when they are first asked for. */
  private static final class BuiltIn {
    static final Methods METHODS = read();
  }

  /** The methods that come with Assay. */
  public static Methods builtIn() {
    return BuiltIn.METHODS;
  }

  private static Methods read() {
    URL known = Objects.requireNonNull(Methods.class.getResource("methods/dense" + SUFFIX));
    try {
      URI uri = known.toURI();
      if (!"jar".equals(uri.getScheme())) {
        return in(Path.of(uri).getParent());
      }
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        String entry = uri.toString().substring(uri.toString().indexOf('!') + 1);
        return in(jar.getPath(entry).getParent());
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Method files have no readable address: " + known, e);
    } catch (IOException e) {
      throw new UncheckedIOException("Method files could not be read from " + known, e);
    }
  }

  private static Methods in(Path folder) throws IOException {
    Map<String, Config> read = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.getFileName().toString();
        if (name.endsWith(SUFFIX)) {
          Config config = ConfigFactory.parseString(Files.readString(file, StandardCharsets.UTF_8));
          String method = name.substring(0, name.length() - SUFFIX.length());
          read.put(method, config);
        }
      }
    }
    Map<String, Method> methods = new TreeMap<>();
    read.keySet().forEach(name -> methods.put(name, Method.of(name, whole(name, read))));
    return new Methods(methods);
  }

  /** A method's file over those that it extends. */
  private static Config whole(String name, Map<String, Config> files) {
    Config file = files.get(name);
    if (!file.hasPath(EXTENDS)) {
      return file;
    }
    String base = file.getString(EXTENDS);
    if (!files.containsKey(base)) {
      throw new IllegalStateException("Method " + name + " extends " + base + ", which is none");
    }
    return file.withoutPath(EXTENDS).withFallback(whole(base, files));
  }

  /**
   * A method by name.
   *
   * @param where what to name in the error
   * @throws InputException if there is none of that name
   */
  Method named(String name, String where) {
    Method method = methods.get(name);
    if (method == null) {
      throw new InputException(
          where, "Unknown method '" + name + "'", Suggestion.of(name, methods.keySet()));
    }
    return method;
  }

  /** All of them, by name. */
  public Collection<Method> all() {
    return methods.values();
  }
}
