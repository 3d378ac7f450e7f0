package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the command line in {@code docs/running.md} asks a Kubernetes cluster for, and the recipe of
 * the image that it names. No cluster runs here.
 */
@Tag("slow")
class KubernetesIT {
  private static final Path RECIPE = Repository.ROOT.resolve("conf/kubernetes");
  private static final String IMAGE = "registry.example.org/assay-spark:4.2.0";
  private static final String STORE = "hdfs://namenode:8020/user/me";

  @TempDir Path temporary;

  @Test
  void theDocumentedLineDescribesTheDriver() throws Exception {
    Path conf = Files.writeString(temporary.resolve("my.conf"), "sweep = test\n");
    Path store = Files.createDirectories(temporary.resolve("store"));
    List<String> line = new ArrayList<>();
    try (ApiRecorder api = ApiRecorder.start()) {
      // The recorder never reports an end to wait for.
      line.addAll(List.of("--conf", "spark.kubernetes.submission.waitAppCompletion=false"));
      for (String word : RunningPage.command("Kubernetes")) {
        line.add(word.replace("https://host:6443", api.url()).replace(STORE, "file://" + store));
      }
      Sweeps.Ended ended = Submit.run(temporary, Map.of(), line);
      assertThat(ended.status()).as(ended.err()).isZero();

      JsonNode pod = api.only("Pod");
      JsonNode container = pod.at("/spec/containers/0");
      Properties properties = properties(api.only("ConfigMap"));
      List<Path> uploaded = uploaded(store);
      assertThat(container.path("image").asText()).isEqualTo(IMAGE);
      assertThat(pod.at("/spec/serviceAccountName").asText()).isEqualTo("spark");
      List<String> arguments = new ArrayList<>();
      container.path("args").forEach(argument -> arguments.add(argument.asText()));
      assertThat(arguments)
          .containsExactly(
              "driver",
              "--properties-file",
              "/opt/spark/conf/spark.properties",
              "--class",
              "dev.assay.jobs.Main",
              "spark-internal", // which means: among the jars below
              "sweep",
              "my.conf",
              "out=file://" + store + "/assay");
      assertThat(environment(container))
          .containsEntry("OPENBLAS_NUM_THREADS", "1")
          .containsEntry("SPARK_CONF_DIR", "/opt/spark/conf");
      assertThat(properties)
          .containsEntry("spark.plugins", "dev.assay.jobs.cluster.NativePlugin")
          .containsEntry("spark.executorEnv.OPENBLAS_NUM_THREADS", "1")
          .containsEntry("spark.kubernetes.container.image", IMAGE)
          .containsEntry("spark.executor.instances", "8")
          .containsEntry("spark.executor.memoryOverhead", "2g")
          .containsEntry("spark.app.name", "Assay sweep");
      assertThat(properties.getProperty("spark.files").split(",", -1))
          .containsExactly(uri(uploaded, "my.conf"));
      List<String> jars = List.of(properties.getProperty("spark.jars").split(",", -1));
      assertThat(jars).hasSize(natives().size() + 1).contains(uri(uploaded, "assay.jar"));
      for (Path jar : natives()) {
        assertThat(jars).contains(uri(uploaded, jar.getFileName().toString()));
      }
      for (Path file : uploaded) {
        String name = file.getFileName().toString();
        Path original =
            name.equals("my.conf")
                ? conf
                : Repository.ROOT
                    .resolve("jobs/target")
                    .resolve(name.equals("assay.jar") ? name : "natives/" + name);
        assertThat(Files.mismatch(original, file)).as(name).isEqualTo(-1);
      }
      assertThat(uploaded).hasSize(natives().size() + 2);
    }
  }

  @Test
  void theRecipeCopiesWhatTheBuildMakes() throws IOException {
    List<String> recipe = Files.readAllLines(RECIPE.resolve("Dockerfile"));
    List<String> sent = Files.readAllLines(RECIPE.resolve("Dockerfile.dockerignore"));
    List<String> copied =
        recipe.stream()
            .filter(line -> line.startsWith("COPY "))
            .map(line -> line.split(" ", -1)[1])
            .toList();
    assertThat(copied)
        .hasSize(3)
        .allSatisfy(
            source -> {
              assertThat(Repository.ROOT.resolve(source)).exists();
              assertThat(sent).contains("!" + source);
            });
    assertThat(RECIPE.resolve("entrypoint.sh")).isExecutable();
    assertThat(String.join("\n", recipe)).contains("-t " + IMAGE + " .");
    assertThat(Files.readString(Repository.ROOT.resolve("docs/running.md")))
        .contains("docker build -f conf/kubernetes/Dockerfile -t " + IMAGE + " .");
  }

  /** The image's own program with the arguments and the environment of a driver's pod. */
  @Test
  void theImageStartsADriver() throws Exception {
    Path properties =
        Files.writeString(
            temporary.resolve("spark.properties"),
            "spark.master=local[1]\nspark.driver.memory=1234m\n"
                + "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1\n");
    Sweeps.Ended ended =
        entrypoint(
            Map.of("SPARK_DRIVER_BIND_ADDRESS", "127.0.0.1", "SPARK_PRINT_LAUNCH_COMMAND", "1"),
            "driver",
            "--verbose",
            "--properties-file",
            properties.toString(),
            "--class",
            "dev.assay.jobs.Main",
            Repository.ROOT.resolve("jobs/target/assay.jar").toString(),
            "methods",
            "two words");
    assertThat(ended.err())
        .contains("-Xmx1234m", "-XX:TieredStopAtLevel=1", "--add-opens")
        .contains("(spark.driver.bindAddress,127.0.0.1)")
        .contains("Unmatched argument at index 1: 'two words'");
    assertThat(ended.status()).isEqualTo(2);
  }

  @Test
  void theImageStartsAnExecutor() throws Exception {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("SPARK_JAVA_OPT_0", "-Dfirst=two words");
    environment.put("SPARK_JAVA_OPT_1", "-showversion");
    environment.put("SPARK_EXECUTOR_MEMORY", "300m");
    environment.put("SPARK_DRIVER_URL", "spark://CoarseGrainedScheduler@127.0.0.1:1");
    environment.put("SPARK_EXECUTOR_ID", "7");
    environment.put("SPARK_EXECUTOR_CORES", "1");
    environment.put("SPARK_APPLICATION_ID", "spark-test");
    environment.put("SPARK_EXECUTOR_POD_IP", "127.0.0.1");
    environment.put("SPARK_RESOURCE_PROFILE_ID", "0");
    environment.put("SPARK_EXECUTOR_POD_NAME", "test-exec-7");
    Sweeps.Ended ended = entrypoint(environment, "executor");
    // Spark's executor has read all of it, and found nobody at the driver's address.
    assertThat(ended.err()).contains("Runtime Environment").contains("/127.0.0.1:1");
    assertThat(ended.status()).isNotZero();

    Sweeps.Ended other = entrypoint(Map.of(), "bash");
    assertThat(other.err()).contains("'driver' or 'executor', not 'bash'");
    assertThat(other.status()).isEqualTo(2);
  }

  private Sweeps.Ended entrypoint(Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(RECIPE.resolve("entrypoint.sh").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(temporary.toFile())
            .redirectOutput(temporary.resolve("out.txt").toFile())
            .redirectError(temporary.resolve("err.txt").toFile());
    String path = builder.environment().get("PATH");
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("SPARK_HOME", Repository.ROOT + "/jobs/target/spark");
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().putAll(environment);
    return Submit.end(builder.start(), temporary);
  }

  private static Map<String, String> environment(JsonNode container) {
    Map<String, String> environment = new LinkedHashMap<>();
    container
        .path("env")
        .forEach(
            entry -> environment.put(entry.path("name").asText(), entry.path("value").asText()));
    return environment;
  }

  private static Properties properties(JsonNode configMap) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(configMap.at("/data/spark.properties").asText()));
    return properties;
  }

  private static List<Path> natives() throws IOException {
    try (Stream<Path> jars = Files.list(Repository.ROOT.resolve("jobs/target/natives"))) {
      return jars.toList();
    }
  }

  private static List<Path> uploaded(Path store) throws IOException {
    try (Stream<Path> paths = Files.walk(store.resolve("uploads"))) {
      return paths
          .filter(Files::isRegularFile)
          .filter(path -> !path.getFileName().toString().endsWith(".crc"))
          .toList();
    }
  }

  private static String uri(List<Path> uploaded, String name) {
    return uploaded.stream()
        .filter(path -> path.getFileName().toString().equals(name))
        .map(path -> "file://" + path)
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " was not uploaded: " + uploaded));
  }
}
