package dev.assay.model;

import org.bytedeco.pytorch.Tensor;

/** Brings the last dimension of a tensor to a common scale. */
@FunctionalInterface
interface Norm {
  Tensor apply(Tensor x);
}
