package dev.assay.fuzz;

import dev.assay.checkpoint.Bytes;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.MemorySource;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.TensorData;
import dev.assay.part.Artifact;
import dev.assay.part.ChannelScale;
import dev.assay.part.Codebook;
import dev.assay.part.Codes;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Dense;
import dev.assay.part.Granularity;
import dev.assay.part.InputRounding;
import dev.assay.part.LowRank;
import dev.assay.part.Overlay;
import dev.assay.part.Part;
import dev.assay.part.Permutation;
import dev.assay.part.Reals;
import dev.assay.part.Rebased;
import dev.assay.part.Rotation;
import dev.assay.part.SecondLevel;
import dev.assay.part.Sparse;
import dev.assay.part.UniformLevels;
import dev.assay.stats.Fisher;
import dev.assay.stats.FisherFile;
import dev.assay.stats.InputStatistics;
import dev.assay.stats.StatisticsFile;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What runs leave for one another and users may bring: statistics and compressed matrices. */
final class StoredTargets {
  private static final Pattern FILE = Pattern.compile("mem:/out/file");
  private static final int ROWS = 4;
  private static final int COLS = 6;

  private StoredTargets() {}

  static List<Target> all() {
    return List.of(statistics(), fisher(), artifacts());
  }

  private static SafetensorsFile open(byte[] file) throws IOException {
    return SafetensorsFile.open(new MemorySource("mem:/out/file", file));
  }

  private static TensorData doubles(int rows, int cols) {
    double[] identity = new double[rows * cols];
    for (int i = 0; i < Math.min(rows, cols); i++) {
      identity[i * cols + i] = 1 + i;
    }
    return TensorData.of(DType.F64, identity, rows, cols);
  }

  private static Target statistics() {
    Map<String, TensorData> tensors = new TreeMap<>();
    tensors.put("tokens", TensorData.of(ElementType.I64, new byte[] {9, 0, 0, 0, 0, 0, 0, 0}, 1));
    tensors.put("mean_abs", TensorData.of(DType.F64, new double[3], 3));
    tensors.put("max_abs", TensorData.of(DType.F32, new double[3], 3));
    tensors.put("hessian", doubles(3, 3));
    tensors.put("rows", TensorData.of(DType.F32, new float[6], 2, 3));
    return new Target(
        "statistics",
        FILE,
        List.of(Bytes.safetensors(tensors, Map.of("format", "assay-statistics-1"))),
        Damages.safetensors("tokens", "rows", "hessian", "F64", "F16", "I8", "BOOL", "[0]"),
        file -> {
          try (SafetensorsFile opened = open(file)) {
            InputStatistics read = StatisticsFile.read(opened, opened.path());
            for (double norm : read.norms()) {
              if (!(norm >= 0)) {
                throw new IllegalStateException("No norm: " + norm);
              }
            }
            if (read.tokens() < 1 || read.meanAbs().length != read.rows().cols()) {
              throw new IllegalStateException("No statistics: " + read);
            }
          }
        });
  }

  private static Target fisher() {
    Map<String, TensorData> tensors = new TreeMap<>();
    tensors.put("examples", TensorData.of(ElementType.I64, new byte[] {9, 0, 0, 0, 0, 0, 0, 0}, 1));
    tensors.put("diagonal", TensorData.of(DType.F32, new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("input", doubles(3, 3));
    tensors.put("output", doubles(2, 2));
    return new Target(
        "fisher",
        FILE,
        List.of(Bytes.safetensors(tensors, Map.of("format", "assay-fisher-1"))),
        Damages.safetensors("examples", "diagonal", "input", "output", "F16", "I8", "[0]"),
        file -> {
          try (SafetensorsFile opened = open(file)) {
            Fisher read = FisherFile.read(opened, 2, 3, opened.path());
            if (read.rowSums().length != 2 || read.columnSums().length != 3) {
              throw new IllegalStateException("No Fisher information: " + read);
            }
          }
        });
  }

  private static Target artifacts() {
    List<byte[]> corpus = new ArrayList<>();
    for (CompressedMatrix matrix : matrices()) {
      corpus.add(written(matrix));
    }
    return new Target(
        "artifact",
        FILE,
        corpus,
        Damages.metadata(
            "matrix",
            "kind",
            "codes",
            "low-rank",
            "rebased",
            "dense",
            "rows",
            "cols",
            "parts",
            "PACKED",
            "F32",
            "group(0)",
            "tensor",
            "rotation",
            "rounding"),
        file -> {
          try (SafetensorsFile opened = open(file)) {
            CompressedMatrix read = Artifact.read(opened, ROWS, COLS);
            Matrix decoded = read.decode();
            // What was read is written, and reads as the same again.
            try (SafetensorsFile again = open(written(read))) {
              CompressedMatrix copy = Artifact.read(again, ROWS, COLS);
              if (copy.bytes() != read.bytes() || !copy.decode().equals(decoded)) {
                throw new IllegalStateException("It is not the same again: " + read);
              }
            }
          }
        });
  }

  private static byte[] written(CompressedMatrix matrix) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Artifact.write(out, matrix);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static List<CompressedMatrix> matrices() {
    BitSet some = new BitSet();
    some.set(2);
    some.set(9);
    some.set(23);
    float[] four = {1, 2, 3, 4};
    UniformLevels.Zeros whole = UniformLevels.Zeros.stored(four, UniformLevels.ZeroType.PACKED);
    Part rows =
        new Codes(
            ROWS,
            COLS,
            3,
            new Granularity.Row(),
            codes(24),
            some,
            new UniformLevels(reals(four), whole));
    Reals second =
        new SecondLevel(3, 2, 3, new byte[12], new float[6], DType.F16, new float[6], DType.F32);
    Part groups =
        new Codes(
            ROWS,
            COLS,
            5,
            new Granularity.Group(2),
            codes(24),
            new UniformLevels(
                second, new UniformLevels.Zeros.Real(second, UniformLevels.ZeroType.F32)));
    Part tensor =
        new Codes(
            ROWS,
            COLS,
            8,
            new Granularity.Tensor(),
            codes(24),
            new UniformLevels(reals(1), new UniformLevels.Zeros.Implied(128)));
    Part vectors =
        new Codes(
            ROWS,
            COLS,
            3,
            new Granularity.Row(),
            codes(ROWS * ((COLS + 3) / 4)),
            new Codebook(8, 4, new float[ROWS * 32], DType.F16));
    Matrix values = ramp(ROWS, COLS);
    Part lowRank = new LowRank(matrix(ROWS, 2, dense(ROWS, 2)), matrix(2, COLS, dense(2, COLS)));
    CompressedMatrix rounded =
        new CompressedMatrix(ROWS, COLS, List.of(rows), new InputRounding.PerToken(8, 0.9));
    return List.of(
        matrix(ROWS, COLS, rows, new Overlay(values, some, DType.F16, Overlay.IndexType.I32)),
        matrix(ROWS, COLS, groups, new Overlay(values, some, DType.F32, Overlay.IndexType.CSR16)),
        matrix(ROWS, COLS, tensor, lowRank),
        matrix(ROWS, COLS, vectors),
        matrix(ROWS, COLS, new Sparse(values, some, DType.BF16)),
        matrix(ROWS, COLS, new Rebased(rounded, Rotation.of(COLS, 3))),
        matrix(
            ROWS,
            COLS,
            new Rebased(
                matrix(ROWS, COLS, new Rebased(rounded, Permutation.of(5, 4, 3, 2, 1, 0))),
                ChannelScale.of(new float[] {1, 2, 3, 4, 5, 6}, DType.F32))));
  }

  private static CompressedMatrix matrix(int rows, int cols, Part... parts) {
    return new CompressedMatrix(rows, cols, List.of(parts));
  }

  private static Part dense(int rows, int cols) {
    return new Dense(ramp(rows, cols), DType.F32);
  }

  private static Matrix ramp(int rows, int cols) {
    Matrix matrix = Matrix.zeros(rows, cols);
    for (int i = 0; i < matrix.size(); i++) {
      matrix.data()[i] = i;
    }
    return matrix;
  }

  private static Reals reals(float... values) {
    return Reals.stored(values, DType.F32);
  }

  private static char[] codes(int count) {
    char[] codes = new char[count];
    for (int i = 0; i < count; i++) {
      codes[i] = (char) (i % 7);
    }
    return codes;
  }
}
