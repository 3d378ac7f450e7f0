package dev.assay.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything a checkpoint holds: what a copy of it must hold too.
 *
 * @param format what its files are
 * @param files names of the plain files in its folder
 * @param tensors every tensor, buffers of integers included; of an ONNX file the one- and
 *     two-dimensional float initializers with a parameter's name
 * @param metadata {@code __metadata__} of its safetensors files, an earlier shard's first
 * @param leftOut tensors that are no matrix, vector or scales of one; of an ONNX file those of two
 *     and more dimensions
 */
public record Inventory(
    Format format,
    List<String> files,
    List<StoredTensor> tensors,
    Map<String, String> metadata,
    List<LeftOut> leftOut) {
  public Inventory {
    files = List.copyOf(files);
    tensors = List.copyOf(tensors);
    leftOut = List.copyOf(leftOut);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** A kind of checkpoint. */
  public enum Format {
    SAFETENSORS,
    ONNX
  }
}
