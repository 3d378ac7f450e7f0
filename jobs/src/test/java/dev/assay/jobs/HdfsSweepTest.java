package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model, configuration and results on a real HDFS. */
class HdfsSweepTest {
  private static final List<String> KEYS =
      List.of(
          "matrices=[\"encoder.layer.0.attention.self.*\"]",
          "recipes=[{method=dense}, {method=rtn, bits=[2,4]}, {method=svd-preserve, keep=[0,16]},"
              + " {method=svd, rank=8}]",
          "factorizer-overrides=[{matrices=[\"*.query.*\"], factorizer=mllib}]");

  @TempDir java.nio.file.Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void aSweepOnHdfsIsTheLocalOne() throws IOException {
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, temporary.resolve("hdfs").toString());
    try (MiniDFSCluster cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build()) {
      FileSystem hdfs = cluster.getFileSystem();
      Path model = new Path("/models/minilm");
      hdfs.mkdirs(model);
      hdfs.copyFromLocalFile(
          new Path(Repository.MINILM.resolve("model.onnx").toUri()), new Path(model, "model.onnx"));
      Path sweepConf = new Path(hdfs.getUri() + "/conf/test.conf");
      try (FSDataOutputStream out = hdfs.create(sweepConf)) {
        String text =
            String.format(
                "sweep = test%nmodel-name = minilm%nmodel = \"%s%s\"%n%s%n",
                hdfs.getUri(), model, String.join("\n", KEYS));
        out.write(text.getBytes(UTF_8));
      }
      List<String> arguments = List.of(sweepConf.toString(), "out=" + hdfs.getUri() + "/results");

      Sweeps.Ended first = Sweeps.command("sweep", arguments);
      assertThat(first.err()).doesNotContain("assay:");
      assertThat(first.status()).isZero();
      assertThat(first.out()).contains("18 cells planned: 18 computed");
      Sweeps.Ended second = Sweeps.command("sweep", arguments);
      assertThat(second.status()).isZero();
      assertThat(second.out()).contains("18 cells planned: 0 computed, 18 there before");
      Sweeps.Ended compacted =
          Sweeps.command("compact", List.of(hdfs.getUri() + "/results", "grace=0s"));
      assertThat(compacted.status()).as(compacted.err()).isZero();
      assertThat(hdfs.listStatus(new Path("/results/test/runs")))
          .singleElement()
          .satisfies(run -> assertThat(run.getPath().getName()).startsWith("run=compacted-"));
      Sweeps.Ended asked =
          Sweeps.command(
              "sql",
              List.of(
                  hdfs.getUri() + "/results",
                  "SELECT status, count(*) AS cells FROM cells GROUP BY status",
                  "format=csv"));
      assertThat(asked.out().lines()).containsExactly("status,cells", "DONE,18");
      Sweeps.Ended exported =
          Sweeps.command(
              "export",
              List.of(
                  hdfs.getUri() + "/results",
                  "recipe=rtn(bits=4)",
                  "to=" + hdfs.getUri() + "/exports/rtn"));
      assertThat(exported.status()).as(exported.err()).isZero();
      assertThat(exported.out())
          .startsWith("Wrote " + hdfs.getUri() + "/exports/rtn")
          .contains("3 matrices of rtn(bits=4)", "from_pretrained(\"rtn\"");
      assertThat(hdfs.listStatus(new Path("/exports"))).hasSize(1);
      assertThat(hdfs.listStatus(new Path("/exports/rtn")))
          .extracting(status -> status.getPath().getName())
          .containsExactly("assay.json", "config.json", "model.safetensors");
      hdfs.copyToLocalFile(new Path("/results"), new Path(temporary.toUri()));
    }
    SweepFiles onHdfs = Sweeps.files(temporary.resolve("results"));

    java.nio.file.Path out = temporary.resolve("out");
    String[] keys = KEYS.toArray(String[]::new);
    Sweeps.run(Sweeps.settings(out, keys[0], keys[1], keys[2], "model-name=minilm"));
    SweepFiles local = Sweeps.files(out);
    onHdfs.assertSameByName(List.of("cells", "layer_metrics", "spectrum"), local);
    // Ids go by contents, not by where they lie.
    assertThat(local.byId("cells").keySet()).isEqualTo(onHdfs.byId("cells").keySet());
  }
}
