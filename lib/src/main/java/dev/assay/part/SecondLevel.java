package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Scales or zero points that are themselves quantized (SpQR, arXiv:2306.03078): every granule has a
 * code q of a few bits, and the granules of {@code rows} consecutive output rows in one group of
 * columns share a real scale s and zero point z; the number is s·(q − z) in float. Where {@code
 * rows} does not divide the output rows, the last share is smaller.
 */
public final class SecondLevel implements Reals {
  private static final long serialVersionUID = 1L;

  private final int groups;
  private final int rows;
  private final int bits;
  private final int count;
  private final byte[] packed;
  private final Numbers scales;
  private final Numbers zeros;

  /**
   * Packs codes.
   *
   * @param groups granules in an output row
   * @param rows output rows that share a scale and a zero point, at least 1
   * @param bits 1 to 8
   * @param codes one per granule: output row by output row
   * @param scales s, one per share and group of columns: share by share
   * @param zeros z, likewise
   * @param scaleType what s is stored in
   * @param zeroType what z is stored in
   */
  public SecondLevel(
      int groups,
      int rows,
      int bits,
      byte[] codes,
      float[] scales,
      DType scaleType,
      float[] zeros,
      DType zeroType) {
    this(
        groups,
        rows,
        bits,
        codes.length,
        BitPacking.pack(codes, bits),
        Numbers.stored(scales, scaleType),
        Numbers.stored(zeros, zeroType));
  }

  private SecondLevel(
      int groups, int rows, int bits, int count, byte[] packed, Numbers scales, Numbers zeros) {
    this.groups = groups;
    this.rows = rows;
    this.bits = bits;
    this.count = count;
    this.packed = packed;
    this.scales = scales;
    this.zeros = zeros;
  }

  static SecondLevel read(
      int groups, int count, Description described, SafetensorsFile file, String name)
      throws IOException {
    int rows = described.integer("rows", 1, Integer.MAX_VALUE);
    int bits = described.integer("bits", 1, 8);
    long granuleRows = (count + groups - 1L) / groups;
    long shares = (granuleRows + rows - 1) / rows * groups;
    return new SecondLevel(
        groups,
        rows,
        bits,
        described.integer("count", count, count),
        described.bytes(file, name, BitPacking.bytes(count, bits)),
        Numbers.read(described, file, name + "_scales").counted(shares, described),
        Numbers.read(described, file, name + "_zeros").counted(shares, described));
  }

  @Override
  public float at(int granule) {
    int share = granule / groups / rows * groups + granule % groups;
    return scales.at(share) * (code(granule) - zeros.at(share));
  }

  /** The code of a granule. */
  public int code(int granule) {
    return BitPacking.unpack(packed, bits, granule);
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public List<Payload> payload(String name) {
    List<Payload> tensors = new ArrayList<>();
    tensors.add(new Payload(name, "U8", List.of((long) packed.length), packed));
    tensors.addAll(scales.payload(name + "_scales"));
    tensors.addAll(zeros.payload(name + "_zeros"));
    return tensors;
  }

  @Override
  public void describe(ObjectNode description, String key) {
    description.putObject(key).put("bits", bits).put("rows", rows).put("count", count);
  }

  @Override
  public long bytes() {
    return packed.length + scales.bytes() + zeros.bytes();
  }
}
