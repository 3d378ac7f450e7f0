package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a sweep cannot work with is said in one line, with exit status 2 and nothing written. */
class BadInputTest {
  private static final String DENSE = "recipes=[{method=dense}]";
  private static final String TENSOR = "\"" + Checkpoints.query(0) + "\"";

  @TempDir Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  static Stream<Arguments> configurations() {
    return Stream.of(
        bad("unknown method", List.of("recipes=[{method=svd-preserv}]"), "svd-preserve"),
        bad("mistyped key", List.of(DENSE, "comit-interval=1s"), "commit-interval"),
        bad("mistyped parameter", List.of("recipes=[{method=rtn, bitz=4}]"), "bits"),
        bad("value out of range", List.of("recipes=[{method=rtn, bits=9}]"), "bits", "9"),
        bad("unknown factorizer", List.of(DENSE, "factorizer=lapak"), "lapack"),
        bad("empty recipes", List.of("recipes=[]"), "recipes"),
        bad("no recipes", List.of(), "recipes"),
        bad("recipes that are no list", List.of("recipes=dense"), "recipes", "dense"),
        bad("broken override", List.of("recipes=[{method=dense}"), "command line", "method=dense"),
        bad(
            "keep larger than every matrix",
            List.of("recipes=[{method=magnitude-preserve, keep=10000000}]"),
            "magnitude-preserve",
            "10000000"),
        bad(
            "rank larger than every matrix",
            List.of("recipes=[{method=svd, rank=385}]"),
            "svd",
            "385"),
        bad(
            "no tensor chosen",
            List.of(DENSE, "matrices=[\"decoder.*\"]"),
            "decoder.*",
            "embeddings.word_embeddings.weight"),
        bad("bad sweep name", List.of(DENSE, "sweep=\"a/b\""), "sweep", "a/b"),
        bad("sweep named as a table", List.of(DENSE, "sweep=cells"), "sweep", "cells"),
        bad("missing model", List.of(DENSE, "model=/no/such/model"), "/no/such/model"),
        bad("unknown scheme", List.of(DENSE, "model=gibberish://host/model"), "gibberish"),
        bad("bad seed", List.of(DENSE, "seed=many"), "seed", "many"),
        bad("bad interval", List.of(DENSE, "commit-interval=soon"), "commit-interval", "soon"),
        bad("missing conf", List.of("none.conf", DENSE), "none.conf"),
        bad("two confs", List.of("one.conf", "two.conf"), "two.conf"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("configurations")
  void configuration(String name, List<String> given, List<String> said) throws IOException {
    Files.writeString(temporary.resolve("one.conf"), DENSE);
    Files.writeString(temporary.resolve("two.conf"), DENSE);
    assertRefused(
        given.stream().map(g -> g.endsWith(".conf") ? temporary.resolve(g).toString() : g).toList(),
        said);
  }

  @Test
  void brokenConfigurationFile() throws IOException {
    Path conf = temporary.resolve("broken.conf");
    Files.writeString(conf, "sweep = test\nrecipes = [{method = dense}\n");
    assertRefused(List.of(conf.toString()), List.of(conf.toString(), "HOCON"));
  }

  @Test
  void unsetVariable() throws IOException {
    Path conf = temporary.resolve("variable.conf");
    Files.writeString(conf, DENSE + "\nmodel-name = ${NO_SUCH_VARIABLE}\n");
    assertRefused(List.of(conf.toString()), List.of("NO_SUCH_VARIABLE"));
  }

  @Test
  void truncatedSafetensors() throws IOException {
    Path model =
        Checkpoints.write(
            temporary.resolve("model"),
            Map.of(Checkpoints.query(0), Checkpoints.gaussian(32, 32, 1)));
    Path file = model.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 100));
    assertModelRefused(model, "model.safetensors");
  }

  @Test
  void truncatedHeader() throws IOException {
    Path model = header("{" + TENSOR + ":{\"dtype\":\"F32\"", 0);
    byte[] start = Files.readAllBytes(model.resolve("model.safetensors"));
    start[0] = 100;
    Files.write(model.resolve("model.safetensors"), start);
    assertModelRefused(model, "model.safetensors", "100");
  }

  @Test
  void overlappingOffsets() throws IOException {
    String shape = "\"dtype\":\"F32\",\"shape\":[4,4],\"data_offsets\":";
    Path model =
        header(
            "{" + TENSOR + ":{" + shape + "[0,64]},\"other.weight\":{" + shape + "[32,96]}}", 96);
    assertModelRefused(model, "model.safetensors", "32");
  }

  @Test
  void headerLengthOfTwoToTheSixtyThird() throws IOException {
    Path model = Files.createDirectory(temporary.resolve("model"));
    byte[] bytes = new byte[64];
    bytes[7] = (byte) 0x80;
    Files.write(model.resolve("model.safetensors"), bytes);
    assertModelRefused(model, "model.safetensors", "9223372036854775808");
  }

  @Test
  void missingShard() throws IOException {
    Path model = Files.createDirectory(temporary.resolve("model"));
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"metadata\":{},\"weight_map\":{" + TENSOR + ":\"model-00001-of-00002.safetensors\"}}");
    assertModelRefused(model, "model-00001-of-00002.safetensors");
  }

  @Test
  void pickle() throws IOException {
    Path model = Files.createDirectory(temporary.resolve("model"));
    Files.write(model.resolve("pytorch_model.bin"), new byte[] {'P', 'K', 3, 4, 0, 0});
    // One message, of which the lines behind the first are the program that converts it.
    Path out = temporary.resolve("out");
    Sweeps.Ended ended =
        Sweeps.command("sweep", Sweeps.arguments(out, "model=\"" + model + "\"", DENSE));
    assertThat(ended.err())
        .startsWith("assay: file:" + model + "/pytorch_model.bin: Is a pickle")
        .contains("\n    safetensors.torch.save_file(")
        .containsOnlyOnce("assay: ")
        .hasLineCount(3);
    assertThat(ended.status()).isEqualTo(2);
    assertThat(out).doesNotExist();
  }

  @Test
  void emptyFolder() throws IOException {
    assertModelRefused(Files.createDirectory(temporary.resolve("model")), "No checkpoint");
  }

  @Test
  void outputUnderARegularFile() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "mine");
    for (Path out : List.of(file, file.resolve("out"))) {
      Sweeps.Ended ended = Sweeps.command("sweep", Sweeps.arguments(out, DENSE));
      assertOneLine(ended, List.of(file.toString(), "regular file", "out="));
    }
    assertThat(file).hasContent("mine");
  }

  @Test
  void queriesAreCheckedToo() throws IOException {
    Path none = temporary.resolve("none");
    assertOneLine(
        Sweeps.command("sql", List.of(none.toString(), "SELECT 1")), List.of(none.toString()));
    assertOneLine(
        Sweeps.command("sql", List.of(temporary.toString(), "SELECT 1", "format=xml")),
        List.of("xml", "csv"));
    assertThat(temporary).isEmptyDirectory();
    Path blank = Files.writeString(temporary.resolve("blank.sql"), "\n");
    for (Path file : List.of(none, blank, temporary)) {
      assertOneLine(
          Sweeps.command("sql", List.of(temporary.toString(), "file=" + file)),
          List.of(file + ": ", "file=notebooks-export/"));
    }
  }

  private static Arguments bad(String name, List<String> given, String... said) {
    return Arguments.of(name, given, List.of(said));
  }

  private void assertModelRefused(Path model, String... said) {
    List<String> parts = new ArrayList<>(List.of(said));
    parts.add(model.toString());
    assertRefused(List.of("model=\"" + model + "\"", DENSE), parts);
  }

  /** Both by sweep and, in the same words, by plan. */
  private void assertRefused(List<String> given, List<String> said) {
    Path out = temporary.resolve("out");
    List<String> arguments = Sweeps.arguments(out, given.toArray(String[]::new));
    Sweeps.Ended swept = Sweeps.command("sweep", arguments);
    assertOneLine(swept, said);
    assertThat(out).doesNotExist();
    assertThat(Sweeps.command("plan", arguments)).isEqualTo(swept);
  }

  private static void assertOneLine(Sweeps.Ended ended, List<String> said) {
    assertThat(ended.err()).startsWith("assay: ").contains(said).hasLineCount(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.status()).isEqualTo(2);
  }

  /** A checkpoint of one file with this header and {@code length} bytes behind it. */
  private Path header(String json, int length) throws IOException {
    Path model = Files.createDirectory(temporary.resolve("model"));
    byte[] header = json.getBytes(UTF_8);
    Files.write(
        model.resolve("model.safetensors"),
        ByteBuffer.allocate(8 + header.length + length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array());
    return model;
  }
}
