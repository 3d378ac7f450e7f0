package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import dev.ludovic.netlib.lapack.LAPACK;
import dev.ludovic.netlib.lapack.NativeLAPACK;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeBlasTest {
  @TempDir Path temp;

  @Test
  void netlibRunsOnTheBundledOpenBlas() {
    assumeLinux();
    Backend backend = NativeBlas.backend();

    assertThat(backend.name()).startsWith("OpenBLAS 0.3.").endsWith("(bundled, 1 thread)");
    assertThat(backend.warning()).isEmpty();
    assertThat(backend.threads()).isEqualTo(1);
    assertThat(backend.doubleGflops()).isPositive();
    assertThat(backend.singleGflops()).isPositive();
    assertThat(BLAS.getInstance())
        .isInstanceOf(NativeBLAS.class)
        .satisfies(blas -> assertThat(blas.getClass().getName()).isEqualTo(backend.blasClass()));
    assertThat(LAPACK.getInstance())
        .isInstanceOf(NativeLAPACK.class)
        .satisfies(
            lapack -> assertThat(lapack.getClass().getName()).isEqualTo(backend.lapackClass()));
  }

  @Test
  void theFirstInstallationDecides() {
    Backend first = NativeBlas.backend();

    assertThat(NativeBlas.install(temp.resolve("other"))).isSameAs(first);
    assertThat(NativeBlas.backend()).isSameAs(first);
    assertThat(temp.resolve("other")).doesNotExist();
  }

  /** Two copies of OpenBLAS in a process have two thread counts, and only one of them is set. */
  @Test
  void thereIsOneOpenBlasInTheProcess() throws IOException {
    assumeLinux();
    NativeBlas.backend();
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      assertThat(
              lines
                  .filter(line -> line.matches(".*/libopenblas[^/]*"))
                  .map(line -> line.trim().split("\\s+")[4])
                  .distinct())
          .as("inodes of OpenBLAS")
          .hasSize(1);
    }
  }

  @Test
  void netlibComputesInTheCallingThreadAlone() throws IOException {
    assumeLinux();
    NativeBlas.backend();
    int n = 1024;
    double[] a = new double[n * n];
    double[] c = new double[n * n];
    Map<String, Long> before = processorTicks();
    for (int i = 0; i < 20; i++) {
      BLAS.getInstance().dgemm("N", "N", n, n, n, 1, a, n, a, n, 0, c, n);
    }
    List<Long> spent =
        processorTicks().entrySet().stream()
            .map(e -> e.getValue() - before.getOrDefault(e.getKey(), 0L))
            .sorted()
            .toList();
    long most = spent.get(spent.size() - 1);
    long rest = spent.stream().mapToLong(Long::longValue).sum() - most;

    assertThat(rest).as("ticks of other threads, of %s", spent).isLessThan(most / 2 + 3);
  }

  /** Processor time of every thread of this process but the JVM's own, in ticks. */
  private static Map<String, Long> processorTicks() throws IOException {
    Map<String, Long> ticks = new HashMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        String stat = Files.readString(task.resolve("stat"));
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        if (!name.matches("(C1|C2|G1|GC|VM|Sweeper).*")) {
          String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
          ticks.put(stat.split(" ")[0], Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
        }
      }
    }
    return ticks;
  }

  @Test
  void withoutNativeJarsJavaComputesAndSaysSo() throws Exception {
    Probe probe = Probe.run(temp, javaOnly(), List.of(), "default");

    probe.assertJavaComputes();
    assertThat(probe.errors).containsOnlyOnce("The bundled OpenBLAS could not be used");
    assertThat(probe.value("warning")).contains("no native library /org/bytedeco/");
    double expected = JacobiSvd.of(Matrices.gaussian(30, 20, 1)).sigma()[19];
    for (String kind : List.of("lapack", "lapack-double", "randomized")) {
      assertThat(Double.parseDouble(probe.value("sigma." + kind)))
          .isCloseTo(expected, within(1e-5));
    }
  }

  /** A system BLAS that netlib finds when left alone is not found after installing. */
  @Test
  void aSystemBlasIsNeverPicked() throws Exception {
    assumeLinux();
    NativeBlas.backend();
    Path system = systemBlas();
    List<String> path = List.of("LD_LIBRARY_PATH=" + system);

    Probe alone = Probe.run(temp, javaOnly(), path, "netlib");
    assertThat(alone.value("blas")).isEqualTo("dev.ludovic.netlib.blas.JNIBLAS");
    assertThat(alone.maps).anyMatch(map -> map.endsWith("/libblas.so.3"));

    Probe.run(temp, javaOnly(), path, "default").assertJavaComputes();

    Probe bundled = Probe.run(temp, classPath(), path, "default");
    assertThat(bundled.value("name")).startsWith("OpenBLAS");
    assertThat(bundled.maps).noneMatch(map -> map.matches(".*/lib(blas|lapack)[.]so[.]3"));
  }

  /** OpenBLAS under the names of a system's BLAS and LAPACK, with what it needs. */
  private Path systemBlas() throws IOException {
    Path bundled = Path.of(System.getProperty("dev.ludovic.netlib.blas.nativeLibPath"));
    Path folder = Files.createDirectory(temp.resolve("usr-lib")).toRealPath();
    for (String name : List.of("libgfortran.so.5", "libquadmath.so.0", "libgcc_s.so.1")) {
      Files.copy(bundled.resolveSibling(name), folder.resolve(name));
    }
    Files.copy(bundled, folder.resolve("libblas.so.3"));
    Files.createLink(folder.resolve("liblapack.so.3"), folder.resolve("libblas.so.3"));
    return folder;
  }

  @Test
  void aDirectoryThatCannotBeUsedMeansJava() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "in the way");
    Probe probe = Probe.run(temp, classPath(), List.of(), file.resolve("native").toString());

    probe.assertJavaComputes();
    assertThat(probe.value("warning")).contains(file.toString());
  }

  @Test
  void virtualMachinesStartedTogetherDoNotDisturbEachOtherAndCleanUp() throws Exception {
    assumeLinux();
    List<Probe> probes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      probes.add(Probe.start(temp, classPath(), List.of(), "default"));
    }
    for (Probe probe : probes) {
      probe.finish();
      assertThat(probe.value("name")).endsWith("(bundled, 1 thread)");
      assertThat(probe.value("warning")).isEmpty();
      assertThat(probe.value("sigma.lapack")).isEqualTo(probes.get(0).value("sigma.lapack"));
    }
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("assay-native") || name.startsWith("libnetlib"));
    }
  }

  @Test
  void aGivenDirectoryIsKept() throws Exception {
    assumeLinux();
    Path directory = temp.resolve("given");
    Probe probe = Probe.run(temp, classPath(), List.of(), directory.toString());

    assertThat(probe.maps).anyMatch(map -> map.startsWith(directory + "/openblas-"));
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files).anyMatch(path -> path.endsWith("libopenblas.so.0"));
    }
  }

  private static void assumeLinux() {
    assumeTrue(
        Loader.getPlatform().startsWith("linux-"), "Netlib has native bridges for Linux only");
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static String javaOnly() {
    return Arrays.stream(classPath().split(File.pathSeparator))
        .filter(entry -> !entry.matches(".*(openblas|javacpp)-[^/]*-(linux|macosx|windows)-.*"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** One run of {@link BackendProbe} in a JVM of its own. */
  private static final class Probe {
    private final Process process;
    private final Path out;
    private final Path err;
    private final Map<String, String> values = new HashMap<>();
    private final List<String> maps = new ArrayList<>();
    private String errors = "";

    private Probe(Process process, Path out, Path err) {
      this.process = process;
      this.out = out;
      this.err = err;
    }

    static Probe run(Path temp, String classPath, List<String> environment, String argument)
        throws Exception {
      return start(temp, classPath, environment, argument).finish();
    }

    static Probe start(Path temp, String classPath, List<String> environment, String argument)
        throws IOException {
      Path out = Files.createTempFile(temp, "probe", ".out");
      Path err = Files.createTempFile(temp, "probe", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-Djava.io.tmpdir=" + temp,
                  "-cp",
                  classPath,
                  BackendProbe.class.getName(),
                  argument)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      for (String variable : environment) {
        String[] parts = variable.split("=", 2);
        builder.environment().put(parts[0], parts[1]);
      }
      return new Probe(builder.start(), out, err);
    }

    Probe finish() throws Exception {
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      process.destroyForcibly();
      errors = Files.readString(err);
      assertThat(ended).as("the probe ended; %s", errors).isTrue();
      assertThat(process.exitValue()).as(errors).isZero();
      for (String line : Files.readAllLines(out)) {
        String[] parts = line.split("=", 2);
        if (parts[0].equals("map")) {
          maps.add(parts[1]);
        } else {
          values.put(parts[0], parts[1]);
        }
      }
      return this;
    }

    String value(String key) {
      assertThat(values).containsKey(key);
      return values.get(key);
    }

    void assertJavaComputes() {
      assertThat(value("name")).startsWith("netlib Java (");
      assertThat(value("blas")).endsWith("BLAS").doesNotContain("JNI");
      assertThat(value("lapack")).endsWith("F2jLAPACK");
      assertThat(value("threads")).isEqualTo("1");
      assertThat(value("warning")).contains("computing in Java");
      assertThat(maps).noneMatch(map -> map.matches(".*/lib(open)?(blas|lapack)[^/]*"));
    }
  }
}
