package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmitIT {
  @TempDir Path temporary;

  @Test
  void helpIsOnStandardOutput() throws Exception {
    Sweeps.Ended none = submit(Map.of());
    Sweeps.Ended help = submit(Map.of(), "help");
    assertThat(help.status()).isZero();
    assertThat(help.out()).startsWith("Usage: ./submit.sh").contains("sweep", "plan", "sql");
    assertThat(help.err()).isEmpty();
    assertThat(none).isEqualTo(help);
  }

  @Test
  void unknownCommandSaysWhatWasMeant() throws Exception {
    Sweeps.Ended result = submit(Map.of(), "swep", "conf/quickstart.conf");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("Unknown command 'swep'").contains("Did you mean 'sweep'?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"11.0.2", "1.8.0_402", "18.0.1"})
  void otherJavaIsRefused(String version) throws Exception {
    program("jdk/bin/java", "echo 'openjdk version \"" + version + "\" 2019-01-15' >&2");
    Sweeps.Ended result = submit(Map.of("JAVA_HOME", temporary + "/jdk"), "plan");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("Java 17 or 21 is needed", temporary + "/jdk/bin/java is " + version)
        .contains("Set JAVA_HOME");
  }

  @Test
  void anotherSparkIsRefusedAndTheEmbeddedOneRuns() throws Exception {
    program("spark/bin/spark-submit", "echo wrong Spark; exit 9");
    Files.createDirectories(temporary.resolve("spark/jars"));
    Files.createFile(temporary.resolve("spark/jars/spark-core_2.12-3.5.1.jar"));
    Sweeps.Ended result =
        submit(Map.of("SPARK_HOME", temporary + "/spark"), "--verbose", "plan", "none.conf");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err())
        .contains("SPARK_HOME=" + temporary + "/spark is not used", "spark-core_2.12-3.5.1.jar")
        .contains("Main class:\ndev.assay.jobs.Main");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void matchingSparkIsUsed() throws Exception {
    program("spark/bin/spark-submit", "printf '%s\\n' \"$SPARK_HOME\" \"$@\"; exit 7");
    Files.createDirectories(temporary.resolve("spark/jars"));
    Files.createFile(temporary.resolve("spark/jars/spark-core_2.13-4.2.1.jar"));
    Path conf = Files.writeString(temporary.resolve("my sweep.conf"), "");
    Sweeps.Ended result =
        submit(
            Map.of("SPARK_HOME", temporary + "/spark"),
            "--master=yarn",
            "--deploy-mode",
            "cluster",
            "--jars",
            "mine.jar",
            "sweep",
            conf.toString(),
            "seed=1");
    assertThat(result.status()).isEqualTo(7);
    assertThat(result.out().lines())
        .startsWith(temporary + "/spark")
        .containsSubsequence("--files", conf.toString())
        .containsSubsequence("--master", "yarn", "--deploy-mode", "cluster")
        .contains("spark.yarn.appMasterEnv.OPENBLAS_NUM_THREADS=1")
        .endsWith(Repository.ROOT + "/jobs/target/assay.jar", "sweep", "my sweep.conf", "seed=1");
    assertThat(result.out().lines().filter(line -> line.endsWith(",mine.jar")))
        .singleElement()
        .satisfies(jars -> assertThat(jars).contains("openblas-", "javacpp-"));
  }

  @Test
  void optionsMeanWhatTheyMeanToSparkSubmit() throws Exception {
    Path properties =
        Files.writeString(
            temporary.resolve("my.properties"), "spark.plugins  org.example.Theirs\n");
    Sweeps.Ended result =
        submit(
            Map.of("SPARK_PRINT_LAUNCH_COMMAND", "1"),
            "--verbose",
            "--driver-memory",
            "1234m",
            "--conf",
            "spark.example=two words",
            "-c",
            "spark.executorEnv.OPENBLAS_NUM_THREADS=3",
            "--properties-file",
            properties.toString(),
            "plan",
            "none.conf");
    assertThat(result.err())
        .contains("-Xmx1234m ")
        .contains("(spark.example,two words)")
        .contains("(spark.executorEnv.OPENBLAS_NUM_THREADS,3)")
        .contains("(spark.plugins,dev.assay.jobs.cluster.NativePlugin,org.example.Theirs)");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void misplacedAndUnknownOptionsAreRefused() throws Exception {
    assertRefused("put it before 'sweep'", "sweep", "x.conf", "--master", "local[2]");
    assertRefused("--class is not yours", "--class", "Other", "sweep");
    assertRefused("--mastre", "--mastre", "local[2]", "sweep");
    assertRefused("--master needs a value", "--master");
    assertRefused("KEY=VALUE", "--conf", "spark.foo", "sweep");
    assertRefused("set HADOOP_CONF_DIR", "--master", "yarn", "sweep");
  }

  private void assertRefused(String message, String... arguments) throws Exception {
    Sweeps.Ended result = submit(Map.of(), arguments);
    assertThat(result.err()).contains(message);
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
  }

  private void program(String name, String body) throws IOException {
    Path file = temporary.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Sweeps.Ended submit(Map<String, String> environment, String... arguments)
      throws Exception {
    return Submit.run(temporary.resolve("driver"), environment, List.of(arguments));
  }
}
