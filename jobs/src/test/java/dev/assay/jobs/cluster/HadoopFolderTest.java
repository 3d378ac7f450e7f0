package dev.assay.jobs.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.FileStamp;
import dev.assay.checkpoint.Folder;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopFolderTest {
  private final Configuration conf = new Configuration();

  @TempDir Path directory;

  @Test
  void listsPlainFilesSorted() throws IOException {
    Files.writeString(directory.resolve("b.bin"), "b");
    Files.writeString(directory.resolve("a b:c%20.bin"), "a");
    Files.createDirectory(directory.resolve("folder"));
    Folder folder = HadoopFolder.open(directory.toString(), conf);
    String inside = "file:" + directory + "/folder";

    assertThat(folder.files()).containsExactly("a b:c%20.bin", "b.bin");
    assertThat(folder.path()).isEqualTo("file:" + directory);
    assertThat(text(folder, "a b:c%20.bin")).isEqualTo("a");
    assertThat(folder.folder("folder")).get().extracting(Folder::path).isEqualTo(inside);
    assertThat(folder.folder("b.bin")).isEmpty();
    assertThat(folder.folder("none")).isEmpty();
  }

  @Test
  void followsLinksAsTheHuggingFaceCacheHasThem() throws IOException {
    Path blob = Files.writeString(directory.resolve("blob"), "weights");
    Path snapshot = Files.createDirectory(directory.resolve("snapshot"));
    Files.createSymbolicLink(snapshot.resolve("model.safetensors"), blob);

    Folder folder = HadoopFolder.open(snapshot.toString(), conf);
    assertThat(folder.files()).containsExactly("model.safetensors");
    assertThat(text(folder, "model.safetensors")).isEqualTo("weights");
  }

  @Test
  void aFileIsAFolderOfItself() throws IOException {
    Files.writeString(directory.resolve("other.onnx"), "other");
    Path file = Files.writeString(directory.resolve("model.onnx"), "model");
    Folder folder = HadoopFolder.open(file.toUri().toString(), conf);

    assertThat(folder.files()).containsExactly("model.onnx");
    assertThat(text(folder, "model.onnx")).isEqualTo("model");
    assertThatThrownBy(() -> folder.open("other.onnx"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("other.onnx")
        .hasMessageContaining("[model.onnx]");
  }

  @Test
  void relativePathsAreLocal() throws IOException {
    Folder folder = HadoopFolder.open("src", conf);
    assertThat(folder.path()).isEqualTo("file:" + Path.of("src").toAbsolutePath());
  }

  @Test
  void readsByPosition() throws IOException {
    Files.writeString(directory.resolve("digits"), "0123456789");
    try (ByteSource source = HadoopFolder.open(directory.toString(), conf).open("digits")) {
      byte[] target = "........".getBytes(US_ASCII);
      source.readFully(7, target, 1, 3);
      source.readFully(0, target, 5, 2);
      assertThat(new String(target, US_ASCII)).isEqualTo(".789.01.");
      assertThat(source.length()).isEqualTo(10);
      assertThat(source.stamp()).contains(FileStamp.ofLocal(directory.resolve("digits")));
      assertThatThrownBy(() -> source.readFully(8, target, 0, 3))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("digits")
          .hasMessageContaining("8 to 11 of 10");
      assertThatThrownBy(() -> source.readFully(-1, target, 0, 1)).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void saysWhatIsWrongWithAPath() {
    assertThatThrownBy(() -> HadoopFolder.open(directory + "/none", conf))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(directory + "/none")
        .hasMessageContaining("No such file");
    assertThatThrownBy(() -> HadoopFolder.open(" ", conf)).isInstanceOf(InputException.class);
    assertThatThrownBy(() -> HadoopFolder.open("gibberish://host/model", conf))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("gibberish");
    // The slow profile brings the connector along; then it is credentials that are missing.
    conf.set(
        "fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
    boolean connected =
        getClass().getResource("/org/apache/hadoop/fs/s3a/S3AFileSystem.class") != null;
    assertThatThrownBy(() -> HadoopFolder.open("s3a://bucket/model", conf))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("s3a://bucket/model")
        .hasMessageContaining(
            connected ? "give credentials" : "--packages org.apache.hadoop:hadoop-aws");
  }

  @Test
  void aFileSystemThatDoesNotAnswerIsNamed() {
    conf.set("fs.defaultFS", "hdfs://localhost:1");
    conf.set("ipc.client.connect.max.retries", "0");
    assertThatThrownBy(() -> HadoopFolder.open("model", conf))
        .isInstanceOf(UnreachableException.class)
        .hasMessageStartingWith("model: Its file system does not answer (")
        .hasMessageContaining("Connection refused")
        .hasMessageContaining("fs.defaultFS, hdfs://localhost:1")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void sparkNeedsOneFolderThatItMayWriteTo() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    SparkConf spark = new SparkConf(false).set("spark.local.dir", file + "/a," + file + "/b");
    assertThatThrownBy(() -> LocalDirectories.check(spark))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("SPARK_LOCAL_DIRS or spark.local.dir")
        .hasMessageContaining(file + "/b");
    spark.set("spark.local.dir", file + "/a," + directory.resolve("new"));
    LocalDirectories.check(spark);
    assertThat(directory.resolve("new")).isEmptyDirectory();
  }

  @Test
  void namesCannotLeaveTheFolder() throws IOException {
    Files.writeString(directory.resolve("secret"), "secret");
    Path inner = Files.createDirectory(directory.resolve("inner"));
    Files.createDirectory(inner.resolve("deeper"));
    Folder folder = HadoopFolder.open(inner.toString(), conf);

    for (String name : new String[] {"../secret", "..", "", "deeper", "none"}) {
      assertThatThrownBy(() -> folder.open(name)).isInstanceOf(InputException.class);
    }
  }

  @Test
  void readsHdfs() throws IOException {
    Configuration hdfs = new Configuration();
    hdfs.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, directory.toString());
    try (MiniDFSCluster cluster = new MiniDFSCluster.Builder(hdfs).numDataNodes(1).build()) {
      FileSystem fs = cluster.getFileSystem();
      String root = fs.getUri() + "/models/tiny";
      try (var out = fs.create(new org.apache.hadoop.fs.Path(root, "model.safetensors"))) {
        out.write("0123456789".getBytes(US_ASCII));
      }
      Folder folder = HadoopFolder.open(root, hdfs);
      assertThat(folder.files()).containsExactly("model.safetensors");
      try (ByteSource source = folder.open("model.safetensors")) {
        byte[] target = new byte[4];
        source.readFully(6, target, 0, 4);
        assertThat(new String(target, US_ASCII)).isEqualTo("6789");
      }
      assertHdfsKnowsContents(fs, folder, new org.apache.hadoop.fs.Path(root, "model.safetensors"));
      assertThatThrownBy(() -> HadoopFolder.open(root + "/none", hdfs))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(root + "/none");
    }
  }

  /** Its checksums are of the contents, whatever the times say. */
  private static void assertHdfsKnowsContents(
      FileSystem fs, Folder folder, org.apache.hadoop.fs.Path file) throws IOException {
    long modified = fs.getFileStatus(file).getModificationTime();
    FileStamp before = stamp(folder, file.getName());
    assertThat(before.text()).contains("CRC");
    for (String text : List.of("9876543210", "0123456789")) {
      try (var out = fs.create(file, true)) {
        out.write(text.getBytes(US_ASCII));
      }
      fs.setTimes(file, modified, -1);
      if (text.startsWith("0")) {
        assertThat(stamp(folder, file.getName())).isEqualTo(before);
      } else {
        assertThat(stamp(folder, file.getName())).isNotEqualTo(before);
      }
    }
  }

  private static FileStamp stamp(Folder folder, String name) throws IOException {
    try (ByteSource source = folder.open(name)) {
      return source.stamp().orElseThrow();
    }
  }

  private static String text(Folder folder, String name) throws IOException {
    try (ByteSource source = folder.open(name)) {
      byte[] bytes = new byte[(int) source.length()];
      source.readFully(0, bytes, 0, bytes.length);
      return new String(bytes, US_ASCII);
    }
  }
}
