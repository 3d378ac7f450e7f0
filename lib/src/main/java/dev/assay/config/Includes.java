package dev.assay.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import dev.assay.InputException;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code include "other.conf"} brings in: the file of that name beside the one that says so,
 * wherever that lies. The library leaves out in silence what it does not find; here it is an error.
 */
final class Includes
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
  private static final List<String> ENDINGS = List.of("", ".conf", ".json");

  private final ConfFiles files;
  private final List<String> chain;

  private Includes(ConfFiles files, List<String> chain) {
    this.files = files;
    this.chain = chain;
  }

  /** Those of a file. */
  static Includes of(String file, ConfFiles files) {
    return new Includes(files, List.of(file));
  }

  /** None: of a text that lies nowhere. */
  static Includes none(String name) {
    return of(
        name,
        new ConfFiles() {
          @Override
          public String beside(String file, String include) {
            return include;
          }

          @Override
          public Optional<String> text(String file) {
            return Optional.empty();
          }
        });
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return include(what);
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return include(what.toString());
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    return include(what.toString());
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw new InputException(
        last(),
        "Includes classpath(\"" + what + "\"), and no configuration lies on the class path",
        "Include a file beside it: include \"other.conf\"");
  }

  private String last() {
    return chain.get(chain.size() - 1);
  }

  private ConfigObject include(String name) {
    for (String ending : ENDINGS) {
      String file = beside(name + ending);
      if (chain.contains(file)) {
        throw new InputException(
            last(), "Includes " + file + ", which includes it", "Leave out one of the two");
      }
      Optional<String> text = text(file);
      if (text.isPresent()) {
        List<String> longer = new ArrayList<>(chain);
        longer.add(file);
        Hocon.checkText(text.get(), file);
        ConfigParseOptions options =
            ConfigParseOptions.defaults()
                .setOriginDescription(file)
                .setIncluder(new Includes(files, longer));
        return ConfigFactory.parseString(text.get(), options).root();
      }
    }
    throw new InputException(
        last(),
        "Includes \"" + name + "\", and there is no such file, " + beside(name),
        "Put it beside, or send it along by --files where the driver runs on the cluster");
  }

  private String beside(String name) {
    try {
      return files.beside(last(), name);
    } catch (InvalidPathException e) {
      throw new InputException(
          last(), "Includes \"" + name + "\", which names no file", "Correct the name", e);
    }
  }

  private Optional<String> text(String file) {
    try {
      return files.text(file);
    } catch (IOException e) {
      throw new InputException(
          last(), "Includes " + file + ", which cannot be read: " + e.getMessage(), "Check it", e);
    }
  }
}
