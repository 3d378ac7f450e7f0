package dev.assay.linalg;

import org.bytedeco.openblas.global.openblas_full;

/**
 * The bundled OpenBLAS through JavaCPP; a class of its own, so that nothing else links to it.
 *
 * <p>Of JavaCPP's three faces of OpenBLAS only {@code openblas_full} calls OpenBLAS' own functions
 * for threads; the {@code blas_set_num_threads} of the others acts on whatever symbol it finds.
 */
final class OpenBlas {
  private OpenBlas() {}

  /**
   * Loads the library and limits it to one thread per call, since tasks are Assay's parallelism: a
   * second level of threads beside them costs up to 30×. Returns the count in force.
   */
  static int loadSingleThreaded() {
    openblas_full.openblas_set_num_threads(1);
    return threads();
  }

  /** Threads one call uses. */
  static int threads() {
    return openblas_full.openblas_get_num_threads();
  }

  /** Version and the kernels chosen for this CPU, such as {@code 0.3.31 SkylakeX}. */
  static String version() {
    // "OpenBLAS 0.3.31 DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64"
    String[] words = openblas_full.openblas_get_config().getString().trim().split("\\s+");
    return (words.length > 1 ? words[1] + " " : "")
        + openblas_full.openblas_get_corename().getString();
  }
}
