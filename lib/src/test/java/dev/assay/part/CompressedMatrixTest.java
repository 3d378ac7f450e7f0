package dev.assay.part;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CompressedMatrixTest {
  private static Matrix random(int rows, int cols, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] data = new float[rows * cols];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextDouble(-1, 1);
    }
    return Matrix.of(rows, cols, data);
  }

  private static BitSet some(int size) {
    BitSet kept = new BitSet();
    for (int i = 0; i < size; i += 5) {
      kept.set(i);
    }
    return kept;
  }

  private static Codes codes(int rows, int cols, int bits, Codes.ZeroType type) {
    SplittableRandom random = new SplittableRandom(bits);
    byte[] codes = new byte[rows * cols];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) random.nextInt(1 << bits);
    }
    Granularity granularity = new Granularity.Group(3);
    int granules = granularity.granules(rows, cols);
    float[] scales = new float[granules];
    float[] zeros = new float[granules];
    for (int i = 0; i < granules; i++) {
      scales[i] = 1f / (i + 1);
      zeros[i] = random.nextInt(1 << bits);
    }
    return new Codes(
        rows,
        cols,
        bits,
        granularity,
        codes,
        Reals.stored(scales, DType.F16),
        Codes.Zeros.stored(zeros, type));
  }

  @Test
  void countedBytesAreThePayloadsBytes() {
    Matrix weight = random(7, 11, 1);
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      Part dense = new Dense(weight, type);
      assertThat(dense.bytes()).isEqualTo(77L * type.bytes()).isEqualTo(written(dense));
      for (Overlay.IndexType indices : Overlay.IndexType.values()) {
        Part overlay = new Overlay(weight, some(77), type, indices);
        assertThat(overlay.bytes()).isEqualTo(written(overlay));
      }
    }
    for (int bits = 2; bits <= 8; bits++) {
      for (Codes.ZeroType type : Codes.ZeroType.values()) {
        Part codes = codes(7, 11, bits, type);
        assertThat(codes.bytes()).isEqualTo(written(codes));
      }
    }
    CompressedMatrix factor =
        new CompressedMatrix(7, 2, List.of(new Dense(random(7, 2, 2), DType.F16)));
    CompressedMatrix other =
        new CompressedMatrix(2, 11, List.of(codes(2, 11, 3, Codes.ZeroType.U8)));
    CompressedMatrix sum =
        new CompressedMatrix(
            7,
            11,
            List.of(
                new LowRank(factor, other),
                codes(7, 11, 4, Codes.ZeroType.PACKED),
                new Overlay(weight, some(77), DType.F32, Overlay.IndexType.CSR16)));
    long stored = sum.payload().stream().mapToLong(tensor -> tensor.bytes().length).sum();
    assertThat(sum.bytes()).isEqualTo(stored);
    assertThat(sum.effectiveBits()).isEqualTo(8.0 * stored / 77);
    assertThat(sum.payload()).extracting(Payload::name).doesNotHaveDuplicates();
  }

  private static long written(Part part) {
    return part.payload().stream().mapToLong(tensor -> tensor.bytes().length).sum();
  }

  @Test
  void codesDecodeToScaleTimesCodeLessZero() {
    Codes codes = codes(4, 8, 3, Codes.ZeroType.PACKED);
    Matrix decoded = new CompressedMatrix(4, 8, List.of(codes)).decode();
    for (int row = 0; row < 4; row++) {
      for (int col = 0; col < 8; col++) {
        int granule = row * 3 + col / 3;
        float expected = codes.scale(granule) * (codes.code(row * 8 + col) - codes.zero(granule));
        assertThat(decoded.at(row, col)).isEqualTo(expected);
      }
    }
  }

  @Test
  void anOverlayReplacesWhatOtherPartsSay() {
    Matrix weight = random(3, 5, 3);
    BitSet kept = some(15);
    Matrix decoded =
        new CompressedMatrix(
                3,
                5,
                List.of(
                    codes(3, 5, 4, Codes.ZeroType.U8),
                    new Overlay(weight, kept, DType.F32, Overlay.IndexType.I32)))
            .decode();
    kept.stream().forEach(i -> assertThat(decoded.data()[i]).isEqualTo(weight.data()[i]));
  }

  @Test
  void packedCodesComeBackAtEveryWidth() {
    SplittableRandom random = new SplittableRandom(11);
    for (int bits = 1; bits <= 8; bits++) {
      for (int count : new int[] {0, 1, 7, 8, 9, 64, 1001}) {
        byte[] codes = new byte[count];
        for (int i = 0; i < count; i++) {
          codes[i] = (byte) random.nextInt(1 << bits);
        }
        byte[] packed = BitPacking.pack(codes, bits);
        assertThat(packed).hasSize((count * bits + 7) / 8);
        for (int i = 0; i < count; i++) {
          assertThat(BitPacking.unpack(packed, bits, i)).isEqualTo(codes[i] & 0xff);
        }
      }
    }
  }
}
