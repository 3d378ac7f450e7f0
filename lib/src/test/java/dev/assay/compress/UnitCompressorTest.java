package dev.assay.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.checkpoint.Tensor;
import dev.assay.config.Hocon;
import dev.assay.family.Families;
import dev.assay.family.Family;
import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.linalg.Symmetric;
import dev.assay.plan.Cell;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnitCompressorTest {
  private static final Family BERT = Families.of("bert");
  private static final Tensor QUERY =
      RealWeights.tensor("encoder.layer.2.attention.self.query.weight");

  private static final Set<String> INPUTS = Set.of(BERT.place(QUERY.name()).input());

  private static List<Cell> cells(String recipes) {
    SweepSettings settings =
        SweepSettings.read(
            Hocon.parse("sweep = t, model = m, recipes = [" + recipes + "]", "t"), List.of());
    Tensor wide = RealWeights.tensor("encoder.layer.3.output.dense.weight");
    Plan plan =
        Plan.of(
            settings,
            BERT,
            List.of(QUERY, wide),
            new StatisticsIds.Computed("calibration", INPUTS, Set.of()));
    return plan.where(cell -> cell.unit().matrix().weight().equals(QUERY)).each().toList();
  }

  private static UnitCompressor compressor(Matrix weight, UnitCompressor.Source source) {
    return new UnitCompressor(cells("{method = dense}").get(0).unit(), weight, source, 0);
  }

  @Test
  void metricsAgreeWithTheirDefinitions() {
    Matrix weight = RealWeights.square();
    List<CellResult> results =
        compressor(weight, f -> null).compress(cells("{method = dense}, {method = rtn, bits = 4}"));
    LayerMetrics dense = ((CellResult.Done) results.get(0).outcome()).metrics();
    assertThat(dense.relativeError()).isZero();
    assertThat(dense.sqnrDb()).isInfinite();
    assertThat(dense.effectiveBits()).isEqualTo(32);
    assertThat(dense.cosine()).isCloseTo(1, within(1e-12));
    LayerMetrics rtn = ((CellResult.Done) results.get(1).outcome()).metrics();
    assertThat(rtn.sqnrDb()).isCloseTo(-20 * Math.log10(rtn.relativeError()), within(1e-9));
    // 4 bits, and a 32-bit scale and a 4-bit zero point for each row of 384.
    assertThat(rtn.effectiveBits()).isCloseTo(4 + 36.0 / 384, within(1e-9));
    assertThat(rtn.nonFinite()).isZero();
  }

  @Test
  void whatDoesNotFitIsAFailedCellAndTheRestGoesOn() {
    List<CellResult> results =
        compressor(RealWeights.square(), f -> null)
            .compress(cells("{method = magnitude-preserve, keep = 200000}, {method = rtn}"));
    CellResult.Failed failed = (CellResult.Failed) results.get(0).outcome();
    assertThat(failed.errorClass()).isEqualTo("UnfitException");
    assertThat(failed.message()).contains("keep = 200000 is more than the 147456 entries");
    assertThat(results.get(1).outcome()).isInstanceOf(CellResult.Done.class);
  }

  @Test
  void aPoisonedWeightFailsItsCellsByName() {
    Matrix weight = RealWeights.square().copy();
    weight.data()[385] = Float.NaN;
    List<CellResult> results =
        compressor(weight, f -> null).compress(cells("{method = rtn, bits = [3, 4]}"));
    assertThat(results).hasSize(2);
    assertThat(results)
        .allSatisfy(
            result ->
                assertThat(((CellResult.Failed) result.outcome()).message())
                    .contains("encoder.layer.2.attention.self.query.weight holds NaN at [1, 1]"));
  }

  @Test
  void whatHadToBeDoneBesideTheRecipeIsNoted() {
    Matrix weight = RealWeights.square();
    // One large correlation that no covariance has.
    double[] h = Symmetric.identity(384, 1).data();
    h[1] = 1.5;
    h[384] = 1.5;
    InputStatistics statistics =
        new InputStatistics(
            0, new double[384], new double[384], Symmetric.of(384, h), Matrix.zeros(0, 384));
    Input input =
        Input.of(
            new Input.Source() {
              @Override
              public InputStatistics statistics() {
                return statistics;
              }

              @Override
              public List<Matrix> peers() {
                return List.of(weight);
              }
            },
            384,
            384);
    List<Cell> cells = cells("{method = gptq}, {method = rtn}");
    List<CellResult> results =
        new UnitCompressor(cells.get(0).unit(), weight, f -> null, input, 0).compress(cells);
    assertThat(((CellResult.Done) results.get(0).outcome()).notes())
        .containsExactly("Damping raised from 0.01 to 1.0 to make the Hessian positive definite");
    assertThat(((CellResult.Done) results.get(1).outcome()).notes()).isEmpty();
  }

  @Test
  void factorsAreLoadedOnce() {
    Matrix weight = RealWeights.square();
    int[] loads = {0};
    List<CellResult> results =
        compressor(
                weight,
                f -> {
                  loads[0]++;
                  return LocalFactorizer.of(FactorizerKind.LAPACK_DOUBLE, 0)
                      .factorize(weight, f.rank());
                })
            .compress(
                cells("{method = svd, rank = [8, 16]}, {method = svd-preserve, keep = [1, 4]}"));
    assertThat(results).hasSize(4);
    assertThat(loads[0]).isEqualTo(1);
  }

  @Test
  void anUnreadableFactorFileIsNotTheCellsFault() {
    UnitCompressor compressor =
        compressor(
            RealWeights.square(),
            f -> {
              throw new EOFException("cut short");
            });
    List<Cell> cells = cells("{method = svd, rank = 8}");
    assertThatThrownBy(() -> compressor.compress(cells)).isInstanceOf(UncheckedIOException.class);
  }
}
