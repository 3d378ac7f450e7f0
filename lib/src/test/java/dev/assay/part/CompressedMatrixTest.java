package dev.assay.part;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static Codes codes(int rows, int cols, int bits, UniformLevels.ZeroType type) {
    SplittableRandom random = new SplittableRandom(bits);
    char[] codes = new char[rows * cols];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (char) random.nextInt(1 << bits);
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
        new UniformLevels(
            Reals.stored(scales, DType.F16), UniformLevels.Zeros.stored(zeros, type)));
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
      for (UniformLevels.ZeroType type : UniformLevels.ZeroType.values()) {
        Part codes = codes(7, 11, bits, type);
        assertThat(codes.bytes()).isEqualTo(written(codes));
      }
    }
    CompressedMatrix factor =
        new CompressedMatrix(7, 2, List.of(new Dense(random(7, 2, 2), DType.F16)));
    CompressedMatrix other =
        new CompressedMatrix(2, 11, List.of(codes(2, 11, 3, UniformLevels.ZeroType.U8)));
    CompressedMatrix sum =
        new CompressedMatrix(
            7,
            11,
            List.of(
                new LowRank(factor, other),
                codes(7, 11, 4, UniformLevels.ZeroType.PACKED),
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
    Codes codes = codes(4, 8, 3, UniformLevels.ZeroType.PACKED);
    Matrix decoded = new CompressedMatrix(4, 8, List.of(codes)).decode();
    for (int row = 0; row < 4; row++) {
      for (int col = 0; col < 8; col++) {
        int granule = row * 3 + col / 3;
        float expected =
            ((UniformLevels) codes.levels()).scale(granule)
                * (codes.code(row * 8 + col) - ((UniformLevels) codes.levels()).zero(granule));
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
                    codes(3, 5, 4, UniformLevels.ZeroType.U8),
                    new Overlay(weight, kept, DType.F32, Overlay.IndexType.I32)))
            .decode();
    kept.stream().forEach(i -> assertThat(decoded.data()[i]).isEqualTo(weight.data()[i]));
  }

  @Test
  void packedCodesComeBackAtEveryWidth() {
    SplittableRandom random = new SplittableRandom(11);
    for (int bits = 1; bits <= Codes.MOST_BITS; bits++) {
      for (int count : new int[] {0, 1, 7, 8, 9, 64, 1001}) {
        char[] codes = new char[count];
        for (int i = 0; i < count; i++) {
          codes[i] = (char) random.nextInt(1 << bits);
        }
        byte[] packed = BitPacking.pack(codes, bits);
        assertThat(packed).hasSize((count * bits + 7) / 8);
        for (int i = 0; i < count; i++) {
          assertThat(BitPacking.unpack(packed, bits, i)).isEqualTo(codes[i]);
        }
      }
    }
  }

  @Test
  void codebooksHoldScalarsAndVectorsOfUpToSixteenBits() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    for (int width : new int[] {1, 2, 3}) {
      for (int bits : new int[] {1, 4, 9, 12, 16}) {
        for (Granularity granularity :
            List.of(new Granularity.Row(), new Granularity.Tensor(), new Granularity.Group(6))) {
          int perRow = (11 + width - 1) / width;
          char[] codes = new char[3 * perRow];
          for (int i = 0; i < codes.length; i++) {
            codes[i] = (char) random.nextInt(1 << bits);
          }
          float[] values = new float[granularity.granules(3, 11) * (width << bits)];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
          }
          Levels levels = new Codebook(1 << bits, width, values, DType.F32);
          CompressedMatrix matrix =
              new CompressedMatrix(
                  3, 11, List.of(new Codes(3, 11, bits, granularity, codes, levels)));
          Matrix decoded = matrix.decode();
          int groups = granularity.granules(1, 11);
          for (int row = 0; row < 3; row++) {
            for (int col = 0; col < 11; col++) {
              int first = col / width * width;
              int granule =
                  granularity instanceof Granularity.Tensor
                      ? 0
                      : row * groups + first / granularity.span(11);
              int at = (granule << bits) + codes[row * perRow + col / width];
              assertThat(decoded.at(row, col)).isEqualTo(values[at * width + col - first]);
            }
          }
          assertThat(matrix.bytes())
              .isEqualTo((codes.length * bits + 7) / 8 + 4L * values.length)
              .isEqualTo(matrix.payload().stream().mapToLong(t -> t.bytes().length).sum());
          assertThat(reread(matrix).decode()).isEqualTo(decoded);
        }
      }
    }
  }

  private static CompressedMatrix reread(CompressedMatrix matrix) throws IOException {
    Path file = Files.createTempFile("codebook", ".safetensors");
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        Artifact.write(out, matrix);
      }
      try (SafetensorsFile written = SafetensorsFile.open(file)) {
        return Artifact.read(written, matrix.rows(), matrix.cols());
      }
    } finally {
      Files.delete(file);
    }
  }
}
