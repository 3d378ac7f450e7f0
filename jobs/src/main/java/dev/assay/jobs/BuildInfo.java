package dev.assay.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What this build is, as Maven wrote it into {@code assay-build.properties}.
 *
 * @param version the Maven version
 * @param commit the full git commit, with {@code -dirty} behind it when the tree had changes;
 *     {@code unknown} when the sources were not in a git repository
 */
public record BuildInfo(String version, String commit) {
  private static final String RESOURCE = "/assay-build.properties";

  /** Reads the resource of this build. */
  public static BuildInfo read() {
    Properties properties = new Properties();
    try (InputStream in = BuildInfo.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("Missing resource " + RESOURCE);
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String commit = properties.getProperty("commit");
    boolean dirty = Boolean.parseBoolean(properties.getProperty("dirty"));
    return new BuildInfo(properties.getProperty("version"), dirty ? commit + "-dirty" : commit);
  }
}
