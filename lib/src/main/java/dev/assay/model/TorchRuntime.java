package dev.assay.model;

import dev.assay.InputException;
import dev.assay.MachineException;
import dev.assay.linalg.NativeBlas;
import java.io.File;
import java.io.IOException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * The libtorch that travels in Assay's jars, loaded when a model is first wanted and not before.
 *
 * <p>It joins the libraries that {@link NativeBlas} unpacked, in the same directory, and binds to
 * the OpenBLAS that is already loaded from there: one instance for netlib and libtorch. All of its
 * files are unpacked before the first is loaded; JavaCPP's own order, file by file, crashes the
 * JVM.
 */
final class TorchRuntime {
  private static boolean loaded;

  private TorchRuntime() {}

  /**
   * Loads libtorch, limited to one thread per call: tasks are Assay's parallelism. The first call
   * in a JVM unpacks about 350 MB and takes some seconds, others nothing.
   *
   * @throws InputException if a jar of native libraries is missing
   * @throws MachineException if one cannot be unpacked or used here
   */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    NativeBlas.directory();
    String platform = Loader.getPlatform();
    for (String library : new String[] {"javacpp", "openblas", "pytorch"}) {
      unpack(library, platform);
    }
    try {
      Loader.load(torch.class);
      torch.set_num_threads(1);
      torch.set_num_interop_threads(1);
    } catch (LinkageError | RuntimeException e) {
      throw new MachineException(
          "libtorch",
          "Cannot be loaded from " + NativeBlas.directory() + ": " + e,
          "The directory must allow execution, and the machine needs glibc 2.28 or later.",
          e);
    }
    loaded = true;
  }

  private static void unpack(String library, String platform) {
    String resource = "/org/bytedeco/" + library + "/" + platform;
    try {
      File[] folders = Loader.cacheResources(resource);
      if (folders != null && folders.length > 0 && folders[0].isDirectory()) {
        return;
      }
    } catch (IOException e) {
      throw new MachineException(
          "libtorch",
          "Cannot unpack " + resource + " into " + NativeBlas.directory() + ": " + e,
          "It needs about 450 MB there; on Spark spark.local.dir says where that is.",
          e);
    }
    throw new InputException(
        "libtorch",
        "No native library " + resource + " on the class path",
        "Models are evaluated on it: add the jar "
            + library
            + "-*-"
            + platform
            + ".jar (org.bytedeco:"
            + library
            + ", classifier "
            + platform
            + "), which exists for linux-x86_64 and macosx-arm64.");
  }
}
