package dev.assay.model;

import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** Pointers that outlive the scopes of batches, freed together. */
final class NativeMemory {
  private final List<Pointer> pointers = new ArrayList<>();

  /** Copies a matrix into a tensor of {@code shape}. */
  Tensor tensor(Matrix matrix, long... shape) {
    try (PointerScope scope = new PointerScope()) {
      return keep(AbstractTensor.create(matrix.data(), shape));
    }
  }

  TensorOptional optional(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      return keep(new TensorOptional(tensor));
    }
  }

  TensorOptional none() {
    try (PointerScope scope = new PointerScope()) {
      return keep(new TensorOptional());
    }
  }

  private synchronized <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    pointers.add(pointer);
    return pointer;
  }

  synchronized void free() {
    pointers.forEach(Pointer::releaseReference);
    pointers.clear();
  }
}
