package dev.assay.linalg;

import java.util.Optional;

/**
 * What computes matrix products and factorizations in this JVM, as a run records it.
 *
 * <p>The rates come from a self test of about 0.1 s when the back end is installed: the best of
 * several products of two 512 × 512 matrices on one thread. They describe the machine at that
 * moment and decide nothing.
 *
 * @param name for people, such as {@code OpenBLAS 0.3.31 SkylakeX (bundled, 1 thread)} or {@code
 *     netlib Java (Java11BLAS)}
 * @param blasClass class of the netlib BLAS in use
 * @param lapackClass class of the netlib LAPACK in use
 * @param threads threads one call uses
 * @param doubleGflops rate of {@code dgemm}, 10⁹ floating-point operations per second
 * @param singleGflops rate of {@code sgemm}, 10⁹ floating-point operations per second
 * @param warning why this is not the bundled OpenBLAS alone, if it is not
 */
public record Backend(
    String name,
    String blasClass,
    String lapackClass,
    int threads,
    double doubleGflops,
    double singleGflops,
    Optional<String> warning) {}
