package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Configuration, model, task and results on {@code s3a://}, by the command line that {@code
 * docs/running.md} has, on a worker that holds Spark and nothing else.
 */
@Tag("slow")
class S3aIT {
  private static final Path CONNECTOR = Repository.ROOT.resolve("jobs/target/s3a");

  @TempDir Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aSweepOnS3IsTheLocalOne() throws Exception {
    String[] keys = {
      "model-name=tiny",
      "recipes=[{method=rtn, bits=[2,4]}, {method=gptq, bits=3}, {method=svd-preserve, keep=8}]",
      "task=rte",
      "calibration.split=dev",
      "calibration.sequences=32",
      "predictions=true"
    };
    Path model =
        RandomClassifier.write(
            temporary.resolve("model"), 2, "{\"0\": \"entailment\", \"1\": \"not_entailment\"}");
    Path rte = TinyBert.rte(temporary.resolve("rte"), 32);
    try (S3Server s3 = S3Server.start(Files.createDirectories(temporary.resolve("s3")));
        StandaloneCluster cluster = StandaloneCluster.start(temporary.resolve("cluster"), 1)) {
      Path bucket = Files.createDirectories(s3.root().resolve("bucket"));
      Path conf =
          Files.writeString(
              temporary.resolve("my.conf"),
              "sweep=test\ndata=\"s3a://bucket/rte\"\n" + String.join("\n", keys));
      upload(s3, model, rte, conf);
      List<String> documented = RunningPage.command("Where models and results may lie");
      int command = documented.indexOf("sweep");
      assertThat(documented.subList(command, documented.size()))
          .containsExactly(
              "sweep",
              "s3a://bucket/my.conf",
              "model=s3a://bucket/model",
              "out=s3a://bucket/assay");
      List<String> options = options(documented.subList(0, command));
      options.addAll(List.of("--master", cluster.url(), "--executor-memory", "1g"));
      options.addAll(List.of("--conf", "spark.hadoop.fs.s3a.endpoint=" + s3.endpoint()));
      options.addAll(List.of("--conf", "spark.hadoop.fs.s3a.path.style.access=true"));
      options.addAll(List.of("--conf", "spark.hadoop.hadoop.tmp.dir=" + temporary));

      // The first driver is killed while cells are being uploaded, once some are there.
      List<String> line = new ArrayList<>(options);
      line.addAll(documented.subList(command, documented.size()));
      line.add("commit-interval=1ms");
      Path cells = bucket.resolve("assay/test/cells");
      Process killed = Submit.start(temporary.resolve("killed"), S3Server.CREDENTIALS, line);
      while (S3Server.objects(cells).isEmpty()) {
        assertThat(killed.waitFor(20, TimeUnit.MILLISECONDS)).as("Ended early").isFalse();
      }
      killed.destroyForcibly().waitFor();
      List<String> seen;
      do { // what the server has received it still stores
        seen = S3Server.objects(cells);
        Thread.sleep(1000);
      } while (!S3Server.objects(cells).equals(seen));
      SweepFiles onS3 = new SweepFiles(bucket.resolve("assay/test"));
      long landed = onS3.count("${cells}");
      assertThat(landed).isBetween(1L, 72L);

      Sweeps.Ended first = submit(options, documented.subList(command, documented.size()));
      assertThat(first.status()).as(first.err()).isZero();
      assertThat(first.out())
          .contains("72 cells planned: " + (72 - landed) + " computed, " + landed + " there");
      Sweeps.Ended second = submit(options, documented.subList(command, documented.size()));
      assertThat(second.status()).as(second.err()).isZero();
      assertThat(second.out()).contains("72 cells planned: 0 computed, 72 there before");
      Sweeps.Ended asked =
          submit(
              options,
              List.of(
                  "sql",
                  "s3a://bucket/assay",
                  "SELECT status, count(*) AS cells FROM cells GROUP BY status",
                  "format=csv"));
      assertThat(asked.out().lines()).as(asked.err()).containsExactly("status,cells", "DONE,72");
      Map<String, String> before = onS3.byId("layer_metrics");
      Sweeps.Ended compacted =
          submit(options, List.of("compact", "s3a://bucket/assay", "grace=0s"));
      assertThat(compacted.status()).as(compacted.err()).isZero();
      assertThat(S3Server.objects(cells)).singleElement().asString().startsWith("run=compacted-");
      assertThat(onS3.byId("layer_metrics")).isEqualTo(before).hasSize(72);
      Sweeps.Ended exported =
          submit(
              options,
              List.of(
                  "export",
                  "s3a://bucket/assay",
                  "recipe=rtn(bits=4)",
                  "to=s3a://bucket/exports/rtn"));
      assertThat(exported.status()).as(exported.err()).isZero();
      assertThat(S3Server.objects(bucket.resolve("exports")))
          .containsExactly(
              "rtn/assay.json", "rtn/config.json", "rtn/model.safetensors", "rtn/tokenizer.json");
      // Objects appear whole under their names: nothing was renamed, nothing hidden is left.
      assertThat(S3Server.objects(cells))
          .isNotEmpty()
          .allMatch(file -> file.matches("run=[^/]+/part-\\d+-[0-9a-f]+\\.parquet"));

      Path out = temporary.resolve("out");
      List<String> here = new ArrayList<>(List.of(keys));
      here.add("model=\"" + model + "\"");
      here.add("data=\"" + rte + "\"");
      Sweeps.run(Sweeps.settings(out, here.toArray(String[]::new)));
      SweepFiles local = Sweeps.files(out);
      onS3.assertSameByName(
          List.of("cells", "layer_metrics", "output_metrics", "model_metrics", "predictions"),
          local);
    }
  }

  private Sweeps.Ended submit(List<String> options, List<String> command)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(options);
    line.addAll(command);
    return Submit.run(temporary.resolve("driver"), S3Server.CREDENTIALS, line);
  }

  /** The options as they are written, but for packages, which Maven has fetched already. */
  private static List<String> options(List<String> documented) throws IOException {
    List<String> jars = jars();
    List<String> options = new ArrayList<>();
    for (int i = 0; i < documented.size(); i += 2) {
      String option = documented.get(i);
      String value = documented.get(i + 1);
      switch (option) {
        case "--packages" -> {
          for (String coordinates : value.split(",", -1)) {
            String[] parts = coordinates.split(":", -1);
            assertThat(jars).contains(parts[1] + "-" + parts[2] + ".jar");
          }
          options.add("--jars");
          options.add(
              jars.stream()
                  .map(jar -> CONNECTOR.resolve(jar).toString())
                  .collect(Collectors.joining(",")));
        }
        case "--exclude-packages" -> assertThat(jars).noneMatch(jar -> jar.startsWith("bundle-"));
        default -> options.addAll(List.of(option, value));
      }
    }
    return options;
  }

  private static List<String> jars() throws IOException {
    try (Stream<Path> jars = Files.list(CONNECTOR)) {
      return jars.map(jar -> jar.getFileName().toString()).sorted().toList();
    }
  }

  /** Puts files and directories into the bucket, under their names. */
  private static void upload(S3Server s3, Path... files) throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.s3a.endpoint", s3.endpoint());
    conf.set("fs.s3a.endpoint.region", "us-east-1");
    conf.set("fs.s3a.path.style.access", "true");
    conf.set("fs.s3a.access.key", S3Server.CREDENTIALS.get("AWS_ACCESS_KEY_ID"));
    conf.set("fs.s3a.secret.key", S3Server.CREDENTIALS.get("AWS_SECRET_ACCESS_KEY"));
    org.apache.hadoop.fs.Path bucket = new org.apache.hadoop.fs.Path("s3a://bucket/");
    try (FileSystem store = FileSystem.newInstance(bucket.toUri(), conf)) {
      for (Path file : files) {
        store.copyFromLocalFile(new org.apache.hadoop.fs.Path(file.toUri()), bucket);
      }
    }
  }
}
