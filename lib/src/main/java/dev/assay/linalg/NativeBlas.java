package dev.assay.linalg;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import dev.ludovic.netlib.lapack.LAPACK;
import dev.ludovic.netlib.lapack.NativeLAPACK;
import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * Makes netlib, and with it MLlib, compute on the OpenBLAS that travels in Assay's jars.
 *
 * <p>Left alone, netlib opens any {@code libblas.so.3} of the machine, often the reference BLAS,
 * which is slower than Java. Its choice is made once, when its first class loads, so {@link
 * #install} must run before that: in every JVM, as early as possible.
 *
 * <p>Netlib opens the very file that JavaCPP loads, so both (and libtorch) share one OpenBLAS, and
 * the thread count set through JavaCPP holds for netlib. There is no ARPACK in OpenBLAS and a
 * system {@code libarpack} would bring the system's BLAS with it, so netlib's ARPACK is always its
 * Java one.
 *
 * <p>Netlib carries its bridge to native code for the platforms that it was built on; elsewhere the
 * Java back end computes, with a warning.
 */
public final class NativeBlas {
  private static final Logger LOG = System.getLogger(NativeBlas.class.getName());
  private static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";
  private static final String LIMIT_PROPERTY = "org.bytedeco.javacpp.maxPhysicalBytes";
  private static final Pattern BLAS_LIBRARY =
      Pattern.compile("lib(f77blas|cblas|blas|lapack|openblas|atlas|arpack|mkl_|blis)[^/]*");

  private static Backend installed;
  private static Path unpacked;

  private NativeBlas() {}

  /**
   * Installs the bundled OpenBLAS, limited to one thread, as netlib's back end; or, where that is
   * impossible (no native jars for this platform, a directory that cannot be written, memory that
   * may not be executed), netlib's Java back end, with one warning in the log and in the result. A
   * library that happens to lie on the machine is never used.
   *
   * <p>The first call in a JVM decides; later calls return its result and ignore their argument.
   * Sets the system properties {@code org.bytedeco.javacpp.cachedir} and {@code
   * dev.ludovic.netlib.{blas,lapack,arpack}.nativeLibPath}, whatever they were. Takes about a
   * second, most of it unpacking.
   *
   * @param directory where the native libraries (about 90 MB) are unpacked: private to this JVM,
   *     since two processes must not unpack into one directory at once; created if absent, kept as
   *     long as the JVM runs
   */
  public static synchronized Backend install(Path directory) {
    if (installed == null) {
      installed = installFirst(directory.toAbsolutePath());
    }
    return installed;
  }

  /**
   * The back end of this JVM. If none is installed yet, installs it into a fresh private directory
   * under {@code java.io.tmpdir} that is deleted when the JVM exits.
   */
  public static synchronized Backend backend() {
    if (installed == null) {
      installed = installFirst(temporaryDirectory());
    }
    return installed;
  }

  /**
   * The directory that holds this JVM's native libraries, and where others that join them must be
   * unpacked: JavaCPP knows one only. Installs the back end first if none is.
   */
  public static synchronized Path directory() {
    backend();
    return unpacked;
  }

  private static Backend installFirst(Path directory) {
    unpacked = directory;
    // A path without a file is netlib's only switch for "no native library".
    Path none = directory.resolve("no-system-library");
    Path library = none;
    String name = "";
    Optional<String> warning = Optional.empty();
    int threads = 1;
    try {
      library = extract(directory);
      Path alias = alias(library);
      threads = OpenBlas.loadSingleThreaded();
      if (Files.exists(alias) && !Files.isSameFile(alias, library)) {
        library = alias;
      }
      name = "OpenBLAS " + OpenBlas.version() + " (bundled, " + threads + plural(threads) + ")";
    } catch (IOException | RuntimeException | LinkageError e) {
      library = none;
      warning =
          Optional.of(
              "The bundled OpenBLAS could not be used ("
                  + e
                  + "): computing in Java, many times slower");
    }
    System.setProperty("dev.ludovic.netlib.blas.nativeLibPath", library.toString());
    System.setProperty("dev.ludovic.netlib.lapack.nativeLibPath", library.toString());
    System.setProperty("dev.ludovic.netlib.arpack.nativeLibPath", none.toString());

    BLAS blas = BLAS.getInstance();
    LAPACK lapack = LAPACK.getInstance();
    if (!(blas instanceof NativeBLAS)) {
      name = "netlib Java (" + blas.getClass().getSimpleName() + ")";
      threads = 1;
    }
    if (warning.isEmpty() && !(blas instanceof NativeBLAS && lapack instanceof NativeLAPACK)) {
      warning =
          Optional.of(
              "Netlib has no usable bridge to native code for this platform or temporary directory:"
                  + " computing in Java, many times slower");
    }
    List<String> foreign = foreignLibraries(library.getParent());
    if (!foreign.isEmpty()) {
      warning =
          Optional.of(
              warning.map(w -> w + ". ").orElse("")
                  + "Not installed early enough, this JVM had already loaded "
                  + String.join(", ", foreign));
    }
    warning.ifPresent(text -> LOG.log(Level.WARNING, text));
    return new Backend(
        name,
        blas.getClass().getName(),
        lapack.getClass().getName(),
        threads,
        GemmRate.ofDouble(blas),
        GemmRate.ofSingle(blas),
        warning);
  }

  /**
   * Unpacks every native resource of JavaCPP and OpenBLAS before any is loaded, and returns
   * OpenBLAS itself. Loading one library while its neighbours are still missing crashes the JVM.
   */
  private static Path extract(Path directory) throws IOException {
    Files.createDirectories(directory);
    System.setProperty(CACHE_PROPERTY, directory.toString());
    if (System.getProperty(LIMIT_PROPERTY) == null) {
      // By default JavaCPP reads the process' memory at every allocation and fails at four heaps.
      System.setProperty(LIMIT_PROPERTY, "0");
    }
    String platform = Loader.getPlatform();
    cache("/org/bytedeco/javacpp/" + platform);
    Path folder = cache("/org/bytedeco/openblas/" + platform);
    for (String file : List.of("libopenblas.so.0", "libopenblas.0.dylib")) {
      Path library = folder.resolve(file);
      if (Files.isRegularFile(library)) {
        return library.toRealPath();
      }
    }
    throw new NoSuchFileException(folder + "/libopenblas.*");
  }

  /**
   * The second name under which JavaCPP loads OpenBLAS. Left alone it makes a copy for it, and two
   * files are two libraries in one process: the thread count set in one would not hold for netlib
   * in the other. So both names become one file, before anything is loaded; where the file system
   * has no hard links, netlib is given the copy, which is the one JavaCPP's classes call.
   */
  private static Path alias(Path library) {
    Path alias =
        library.resolveSibling(
            library.getFileName().toString().replace("libopenblas", "libopenblas_nolapack"));
    try {
      Files.deleteIfExists(alias);
      Files.createLink(alias, library);
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(Level.DEBUG, "No hard link " + alias, e);
    }
    return alias;
  }

  private static Path cache(String resource) throws IOException {
    File[] files = Loader.cacheResources(resource);
    if (files == null || files.length == 0 || !files[0].isDirectory()) {
      throw new NoSuchFileException("no native library " + resource + " on the class path");
    }
    return files[0].toPath();
  }

  private static String plural(int threads) {
    return threads == 1 ? " thread" : " threads";
  }

  /** BLAS and LAPACK libraries mapped into this process from outside {@code own}, on Linux. */
  private static List<String> foreignLibraries(Path own) {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.isReadable(maps)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(maps)) {
      return lines
          .filter(line -> line.indexOf('/') >= 0)
          .map(line -> line.substring(line.indexOf('/')))
          .distinct()
          .filter(path -> BLAS_LIBRARY.matcher(path.substring(path.lastIndexOf('/') + 1)).matches())
          .filter(path -> !path.startsWith(own + "/"))
          .toList();
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.DEBUG, "Cannot read " + maps, e);
      return List.of();
    }
  }

  private static Path temporaryDirectory() {
    try {
      Path directory = Files.createTempDirectory("assay-native-").toRealPath();
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> delete(directory), "assay-native-cleanup"));
      return directory;
    } catch (IOException e) {
      // Extraction fails there too, and says why.
      LOG.log(Level.WARNING, "Cannot create a directory for native libraries", e);
      return Path.of(System.getProperty("java.io.tmpdir"), "assay-native");
    }
  }

  private static void delete(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "Cannot delete " + directory, e);
    }
  }
}
