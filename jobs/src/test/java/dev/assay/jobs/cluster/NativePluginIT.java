package dev.assay.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.lapack.LAPACK;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real executor JVMs that hold nothing but Spark get the application and its libraries. */
class NativePluginIT {
  private static final Path TARGET = Path.of("target").toAbsolutePath();

  @TempDir Path temporary;

  @Test
  void tasksComputeOnTheBundledOpenBlas() throws IOException {
    List<String> jars = new ArrayList<>();
    jars.add(TARGET.resolve("assay.jar").toString());
    try (Stream<Path> natives = Files.list(TARGET.resolve("natives"))) {
      natives.map(Path::toString).forEach(jars::add);
    }
    jars.add(jarOf(Probe.class).toString());
    SparkConf conf =
        new SparkConf()
            .setMaster("local-cluster[2,1,1024]")
            .setAppName("native plugin")
            .set("spark.ui.enabled", "false")
            .set("spark.locality.wait", "0")
            .set("spark.plugins", NativePlugin.class.getName())
            .set("spark.executorEnv.OPENBLAS_NUM_THREADS", "1")
            .set("spark.jars", String.join(",", jars));
    List<String> seen;
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      seen = spark.parallelize(List.of(1, 2, 3, 4, 5, 6, 7, 8), 8).map(new Probe()).collect();
    }

    assertThat(seen)
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("dev.ludovic.netlib.blas.JNIBLAS dev.ludovic.netlib.lapack.JNILAPACK")
                    .containsPattern("/assay-natives-[^/]+/.*libopenblas")
                    .endsWith("OPENBLAS_NUM_THREADS=1"));
    assertThat(seen.stream().map(line -> line.substring(0, line.indexOf(' '))).distinct())
        .isSubsetOf("executor-0", "executor-1")
        .isNotEmpty();
  }

  private Path jarOf(Class<?> type) throws IOException {
    Path jar = temporary.resolve("probe.jar");
    String entry = type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getResourceAsStream("/" + entry);
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry(entry));
      in.transferTo(out);
    }
    return jar;
  }

  static final class Probe implements Function<Integer, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String call(Integer item) {
      return "executor-"
          + SparkEnv.get().executorId()
          + " "
          + BLAS.getInstance().getClass().getName()
          + " "
          + LAPACK.getInstance().getClass().getName()
          + " "
          + System.getProperty("dev.ludovic.netlib.blas.nativeLibPath")
          + " OPENBLAS_NUM_THREADS="
          + System.getenv("OPENBLAS_NUM_THREADS");
    }
  }
}
