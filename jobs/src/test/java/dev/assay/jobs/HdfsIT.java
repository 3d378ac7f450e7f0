package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Configuration, model, task, statistics, artifacts and results on a real HDFS, read and written by
 * a worker that holds Spark and nothing else.
 */
@Tag("slow")
class HdfsIT {
  @TempDir Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void calibrationAndEvaluationOnHdfsAreTheLocalOnes() throws Exception {
    List<String> keys =
        List.of(
            "sweep=test",
            "model-name=tiny",
            "recipes=[{method=rtn, bits=[2,4]}, {method=gptq, bits=3}]",
            "task=rte",
            "calibration.split=dev",
            "calibration.sequences=32",
            "predictions=true");
    Path model =
        RandomClassifier.write(
            temporary.resolve("model"), 2, "{\"0\": \"entailment\", \"1\": \"not_entailment\"}");
    Path rte = TinyBert.rte(temporary.resolve("rte"), 32);
    Configuration settings = new Configuration();
    settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, temporary.resolve("hdfs").toString());
    try (MiniDFSCluster hdfs = new MiniDFSCluster.Builder(settings).numDataNodes(1).build();
        StandaloneCluster cluster = StandaloneCluster.start(temporary.resolve("cluster"), 1)) {
      FileSystem files = hdfs.getFileSystem();
      String root = files.getUri().toString();
      Path conf =
          Files.writeString(
              temporary.resolve("my.conf"),
              "model=\"%s/model\"\ndata=\"%s/rte\"\n%s"
                  .formatted(root, root, String.join("\n", keys)));
      for (Path file : List.of(model, rte, conf)) {
        files.copyFromLocalFile(path(file.toUri().toString()), path("/"));
      }
      List<String> line = new ArrayList<>();
      line.addAll(List.of("--master", cluster.url(), "--executor-memory", "1g"));
      line.addAll(List.of("sweep", root + "/my.conf", "out=" + root + "/out"));
      Sweeps.Ended ended = Submit.run(temporary.resolve("driver"), Map.of(), line);
      assertThat(ended.status()).as(ended.err()).isZero();
      assertThat(ended.out()).contains("54 cells planned: 54 computed");
      files.copyToLocalFile(path("/out"), path(temporary.toUri().toString()));
    }
    Path here = temporary.resolve("here");
    List<String> local = new ArrayList<>(keys);
    local.addAll(List.of("model=\"" + model + "\"", "data=\"" + rte + "\""));
    Sweeps.run(Sweeps.settings(here, local.toArray(String[]::new)));
    SweepFiles onHdfs = Sweeps.files(temporary.resolve("out"));
    onHdfs.assertSameByName(
        List.of("cells", "layer_metrics", "output_metrics", "model_metrics", "predictions"),
        Sweeps.files(here));
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }
}
