package dev.assay.linalg;

import dev.ludovic.netlib.blas.BLAS;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A program for JVMs of its own: what computes there and which shared libraries are mapped, as
 * {@code key=value} lines.
 */
final class BackendProbe {
  private BackendProbe() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("netlib")) {
      System.out.println("blas=" + BLAS.getInstance().getClass().getName());
    } else {
      Backend backend =
          args[0].equals("default") ? NativeBlas.backend() : NativeBlas.install(Path.of(args[0]));
      System.out.println("name=" + backend.name());
      System.out.println("blas=" + backend.blasClass());
      System.out.println("lapack=" + backend.lapackClass());
      System.out.println("threads=" + backend.threads());
      System.out.println("warning=" + backend.warning().orElse(""));
      System.out.println("gflops=" + backend.doubleGflops() + "," + backend.singleGflops());
      for (FactorizerKind kind : FactorizerKind.values()) {
        if (kind.isLocal()) {
          Factors factors = LocalFactorizer.of(kind, 1).factorize(Matrices.gaussian(30, 20, 1), 20);
          System.out.println("sigma." + kind + "=" + factors.sigma()[19]);
        }
      }
    }
    Path maps = Path.of("/proc/self/maps");
    if (Files.exists(maps)) {
      try (Stream<String> lines = Files.lines(maps)) {
        lines
            .filter(line -> line.contains("/"))
            .map(line -> line.substring(line.indexOf('/')))
            .distinct()
            .forEach(path -> System.out.println("map=" + path));
      }
    }
  }
}
