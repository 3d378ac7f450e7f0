package dev.assay.part;

import java.util.List;

/**
 * A tensor as it is stored: what counts towards effective bits, byte for byte.
 *
 * @param name name within its part, {@code codes}, {@code scales}, …
 * @param dtype safetensors name of the element type; packed codes are {@code U8}
 * @param shape element counts
 * @param bytes little-endian contents
 */
public record Payload(String name, String dtype, List<Long> shape, byte[] bytes) {
  Payload within(String prefix) {
    return new Payload(prefix + "." + name, dtype, shape, bytes);
  }
}
