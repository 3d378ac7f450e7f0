package dev.assay.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.config.ConfFiles;
import dev.assay.config.Hocon;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Parameters;

/** {@code [CONF] [key=value …]}, the arguments of the commands that read a configuration. */
class ConfArguments {
  @Parameters(
      paramLabel = "CONF|KEY=VALUE",
      description = {
        "CONF is a HOCON file; each KEY=VALUE overrides a key of it.",
        "Example: my.conf seed=1"
      })
  private List<String> arguments = new ArrayList<>();

  /**
   * What was given.
   *
   * @param file the parsed configuration file, empty if there is none
   * @param overrides the {@code key=value} arguments
   */
  record Given(Config file, List<String> overrides) {}

  /**
   * Reads the arguments.
   *
   * @param hadoop for a configuration file on another file system than the local one
   * @throws InputException if there are two files, or one cannot be read
   */
  Given given(Configuration hadoop) {
    List<String> overrides = new ArrayList<>();
    Config file = ConfigFactory.empty("command line");
    String named = "";
    for (String argument : arguments) {
      if (argument.contains("=")) {
        overrides.add(argument);
      } else if (named.isEmpty()) {
        named = argument;
        file = read(argument, hadoop);
      } else {
        throw new InputException(
            "command line",
            "'" + argument + "' is a second configuration after '" + named + "'",
            "Give one file, and key=value for the rest");
      }
    }
    return new Given(file, overrides);
  }

  private static Config read(String name, Configuration hadoop) {
    return Hocon.parse(name, name.contains("://") ? new HadoopConfFiles(hadoop) : ConfFiles.LOCAL);
  }

  /** Configuration files on any file system that Hadoop knows. */
  private record HadoopConfFiles(Configuration hadoop) implements ConfFiles {
    @Override
    public String beside(String file, String name) {
      try {
        return new Path(new Path(file).getParent(), name).toString();
      } catch (IllegalArgumentException e) {
        throw new InvalidPathException(name, e.getMessage());
      }
    }

    @Override
    public Optional<String> text(String file) throws IOException {
      Path path = new Path(file);
      try (FSDataInputStream in = path.getFileSystem(hadoop).open(path)) {
        return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (FileNotFoundException e) {
        return Optional.empty();
      }
    }
  }
}
