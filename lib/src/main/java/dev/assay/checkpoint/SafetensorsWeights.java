package dev.assay.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsHeader.Entry;
import dev.assay.family.Family;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the headers of a checkpoint's safetensors files say of its weights.
 *
 * <p>A weight of 8-bit floats is read with the scales that lie beside it: {@code NAME_scale}
 * (compressed-tensors, FBGEMM, ModelOpt) or {@code NAME_scale_inv} (DeepSeek, Transformers'
 * fine-grained FP8), which, whatever its name says, is multiplied by. One of a tensor, one for each
 * row, or one for each block of {@code weight_block_size} or {@code block_structure} in {@code
 * config.json}'s {@code quantization_config}, 128 × 128 where it says nothing.
 *
 * @param tensors vectors, as one row, and matrices
 * @param vectors names of the vectors
 * @param leftOut all others but the scales of weights
 */
record SafetensorsWeights(List<Tensor> tensors, Set<String> vectors, List<LeftOut> leftOut) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SCALES = List.of("_scale", "_scale_inv");
  private static final Scales.Block USUAL = new Scales.Block(128, 128);
  private static final String FIX = "Download config.json again.";

  /** A tensor and the file that holds it. */
  private record Found(String file, Entry entry) {
    int rank() {
      return entry.shape().size();
    }

    boolean isFloat8() {
      return entry.type().float8().isPresent();
    }

    LeftOut out(String why) {
      return new LeftOut(entry.name(), entry.type().name(), entry.shape(), why);
    }
  }

  /** What a weight's scales are, or why it cannot be told. */
  private record Scaled(Scales scales, Optional<String> unclear) {}

  /**
   * Sorts out the tensors.
   *
   * @param headers file name to header, in the order of shards
   * @throws InputException if a dimension is beyond 2³¹−1, or {@code config.json} is no JSON
   */
  static SafetensorsWeights of(
      Folder folder, List<String> files, Map<String, SafetensorsHeader> headers, Family family)
      throws IOException {
    Map<String, Found> byName = new HashMap<>();
    List<Found> all = new ArrayList<>();
    headers.forEach(
        (file, header) -> header.entries().forEach(entry -> all.add(new Found(file, entry))));
    all.forEach(found -> byName.put(found.entry().name(), found));
    boolean blocks =
        all.stream().anyMatch(found -> found.isFloat8() && !scales(found, byName).isEmpty());
    Scales.Block block = blocks ? block(folder, files) : USUAL;
    Map<String, Scaled> scaled = new HashMap<>();
    Set<String> used = new HashSet<>();
    for (Found found : all) {
      if (found.isFloat8()) {
        List<Found> beside = scales(found, byName);
        scaled.put(found.entry().name(), scaled(found, beside, block));
        beside.forEach(scale -> used.add(scale.entry().name()));
      }
    }
    List<Tensor> tensors = new ArrayList<>();
    Set<String> vectors = new HashSet<>();
    List<LeftOut> leftOut = new ArrayList<>();
    for (Found found : all) {
      Entry entry = found.entry();
      Scaled encoded = scaled.getOrDefault(entry.name(), new Scaled(Scales.NONE, Optional.empty()));
      Optional<String> why = why(found).or(encoded::unclear);
      if (used.contains(entry.name())) {
        continue;
      }
      if (why.isPresent()) {
        leftOut.add(found.out(why.get()));
        continue;
      }
      tensors.add(tensor(folder, found, encoded.scales(), family));
      if (found.rank() == 1) {
        vectors.add(entry.name());
      }
    }
    return new SafetensorsWeights(tensors, vectors, leftOut);
  }

  /** Why a tensor is neither matrix nor vector. */
  private static Optional<String> why(Found found) {
    Entry entry = found.entry();
    if (entry.type().heldIn().isEmpty()) {
      return Optional.of("not a type of real numbers that is read");
    }
    if (found.rank() < 1 || found.rank() > 2) {
      return Optional.of("has " + found.rank() + " dimensions, not 1 or 2");
    }
    return entry.bytes() == 0 ? Optional.of("holds nothing") : Optional.empty();
  }

  private static List<Found> scales(Found weight, Map<String, Found> byName) {
    return SCALES.stream()
        .map(suffix -> byName.get(weight.entry().name() + suffix))
        .filter(found -> found != null)
        .toList();
  }

  private static Scaled scaled(Found weight, List<Found> beside, Scales.Block block) {
    if (beside.isEmpty()) {
      return new Scaled(Scales.NONE, Optional.empty());
    }
    Found scale = beside.get(0);
    ElementType type = scale.entry().type();
    String name = scale.entry().name() + " " + scale.entry().shape();
    if (beside.size() > 1) {
      return unclear("has two tensors of scales");
    }
    if (type.dtype().isEmpty() && type != ElementType.F8_E8M0) {
      return unclear("its scales, " + name + ", are " + type);
    }
    if (weight.rank() != 2) {
      return unclear("scales of " + weight.rank() + " dimensions are not read");
    }
    return Scales.of(weight.entry().shape(), scale.file(), scale.entry(), block)
        .map(scales -> new Scaled(scales, Optional.empty()))
        .orElseGet(
            () ->
                unclear(
                    "its scales, "
                        + name
                        + ", are not one for the tensor, each row, or each block of "
                        + block.rows()
                        + " x "
                        + block.cols()));
  }

  private static Scaled unclear(String why) {
    return new Scaled(Scales.NONE, Optional.of(why));
  }

  private static Tensor tensor(Folder folder, Found found, Scales scales, Family family) {
    Entry entry = found.entry();
    boolean vector = found.rank() == 1;
    Tensor.Layout layout =
        !vector && family.storesInOut(entry.name()) ? Tensor.Layout.IN_OUT : Tensor.Layout.OUT_IN;
    int first = vector ? 1 : size(folder, found, 0);
    int second = size(folder, found, vector ? 0 : 1);
    boolean transposed = layout == Tensor.Layout.IN_OUT;
    return Tensor.unread(
        entry.name(),
        found.file(),
        new Encoding(entry.type(), scales),
        transposed ? second : first,
        transposed ? first : second,
        entry.begin(),
        layout);
  }

  private static int size(Folder folder, Found found, int axis) {
    long size = found.entry().shape().get(axis);
    if (size > Integer.MAX_VALUE) {
      throw new InputException(
          folder.path() + "/" + found.file() + ", tensor " + found.entry().name(),
          "Has shape " + found.entry().shape() + "; a dimension is limited to 2^31-1",
          "Split the tensor.");
    }
    return (int) size;
  }

  /** The block size that the model's configuration gives. */
  private static Scales.Block block(Folder folder, List<String> files) throws IOException {
    if (!files.contains(ModelType.CONFIG)) {
      return USUAL;
    }
    Scales.Block[] block = {USUAL};
    try (ByteSource source = folder.open(ModelType.CONFIG)) {
      StrictJson.read(
          source,
          FIX,
          (key, value) -> {
            if (key.equals("quantization_config")) {
              block[0] = block(JSON.readTree(value));
            } else {
              value.skipChildren();
            }
          });
    }
    return block[0];
  }

  private static Scales.Block block(JsonNode quantization) {
    JsonNode size = quantization.path("weight_block_size");
    for (JsonNode group : quantization.path("config_groups")) {
      if (!size.isArray()) {
        size = group.path("weights").path("block_structure");
      }
    }
    boolean given = size.size() == 2 && size.get(0).asLong() > 0 && size.get(1).asLong() > 0;
    return given ? new Scales.Block(size.get(0).asLong(), size.get(1).asLong()) : USUAL;
  }
}
