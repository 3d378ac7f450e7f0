package dev.assay.jobs.cluster;

import dev.assay.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.util.Utils;

/** Where Spark keeps what it moves and spills, and unpacked libraries, on the driver's machine. */
public final class LocalDirectories {
  private LocalDirectories() {}

  /**
   * Makes sure that Spark will find one: it tries all that are configured, and without any ends the
   * JVM with a status of its own.
   *
   * @throws InputException if none can be written to
   */
  public static void check(SparkConf conf) {
    List<String> refused = new ArrayList<>();
    for (String name : Utils.getConfiguredLocalDirs(conf)) {
      try {
        Path root = Path.of(name);
        Files.createDirectories(root);
        Files.delete(Files.createTempFile(root, "assay-", ".tmp"));
        return;
      } catch (IOException | InvalidPathException e) {
        refused.add(name + " (" + e + ")");
      }
    }
    throw new InputException(
        "SPARK_LOCAL_DIRS or spark.local.dir",
        "No folder for Spark's temporary files can be written to: " + String.join(", ", refused),
        "Name one on a disk of this machine");
  }
}
