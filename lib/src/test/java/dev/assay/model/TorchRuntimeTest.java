package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How libtorch gets into a JVM, each time in a fresh one that has nothing unpacked. */
class TorchRuntimeTest {
  private static final String BLAS = ".*/lib[^/]*(?:blas|lapack)[^/]*\\.so[^/]*";
  private static final String BRIDGE = ".*/lib(?:jni|netlib)[^/]*";

  @TempDir Path temp;

  @BeforeEach
  void linux() {
    assumeTrue(Loader.getPlatform().startsWith("linux-"), "Reads /proc/self/maps");
  }

  @Test
  void itIsLoadedLateAndSharesTheOneOpenBlas() throws Exception {
    List<String> lines = probe(classPath());

    assertThat(lines).contains("embedding=24", "torch=1", "interop=1", "blas=1");
    assertThat(lines).noneMatch(line -> line.startsWith("before=") && line.contains("torch"));
    assertThat(mapped(lines, "after", ".*/libtorch_cpu\\.so")).hasSize(1);
    assertThat(mapped(lines, "before", BLAS)).hasSize(1);
    assertThat(mapped(lines, "after", BLAS)).isEqualTo(mapped(lines, "before", BLAS));
    assertThat(mapped(lines, "after", ".*/libgomp\\.so[^/]*")).hasSize(1);
    assertThat(lines.stream().filter(line -> line.contains("torch") && line.contains("/")))
        .allMatch(line -> line.startsWith("after=" + temp.resolve("natives")));
  }

  @Test
  void whereItsJarIsMissingTheErrorNamesIt() throws Exception {
    String without =
        Arrays.stream(classPath().split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*pytorch-[^/]*-(?:linux|macosx|windows)-.*"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> lines = probe(without);

    String platform = Loader.getPlatform();
    assertThat(lines)
        .contains(
            "error=libtorch: No native library /org/bytedeco/pytorch/"
                + platform
                + " on the class path. Models are evaluated on it: add the jar pytorch-*-"
                + platform
                + ".jar (org.bytedeco:pytorch, classifier "
                + platform
                + "), which exists for linux-x86_64 and macosx-arm64.");
  }

  private static List<String> mapped(List<String> lines, String when, String pattern) {
    return lines.stream()
        .filter(line -> line.startsWith(when + "="))
        .map(line -> line.substring(when.length() + 1))
        .filter(path -> path.matches(pattern) && !path.matches(BRIDGE))
        .toList();
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private List<String> probe(String classPath) throws Exception {
    Path model = Files.createDirectory(temp.resolve("model"));
    TinyModel.bert("bert.", 3, 1).write(model);
    Path out = temp.resolve("out");
    Path err = temp.resolve("err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.io.tmpdir=" + temp,
                "-cp",
                classPath,
                TorchProbe.class.getName(),
                temp.resolve("natives").toString(),
                model.toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    assertThat(ended).as("the probe ended; %s", Files.readString(err)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return Files.readAllLines(out);
  }
}
