package dev.assay.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.checkpoint.Place;
import dev.assay.checkpoint.Tensor;
import dev.assay.config.Hocon;
import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.linalg.Symmetric;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.UnitCells;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnitCompressorTest {
  private static final Tensor QUERY =
      RealWeights.tensor("encoder.layer.2.attention.self.query.weight");

  private static final Set<String> INPUTS = Set.of(Place.of(QUERY.name()).input());

  private static UnitCells unit(String recipes) {
    SweepSettings settings =
        SweepSettings.read(
            Hocon.parse("sweep = t, model = m, recipes = [" + recipes + "]", "t"), List.of());
    Tensor wide = RealWeights.tensor("encoder.layer.3.output.dense.weight");
    Plan plan =
        Plan.of(
            settings,
            List.of(QUERY, wide),
            new StatisticsIds.Computed("calibration", INPUTS, Set.of()));
    return plan.tasks().stream()
        .flatMap(task -> task.units().stream())
        .filter(u -> u.unit().weight().equals(QUERY))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void metricsAgreeWithTheirDefinitions() {
    Matrix weight = RealWeights.square();
    List<CellResult> results =
        new UnitCompressor(unit("{method = dense}, {method = rtn, bits = 4}"), weight, f -> null, 0)
            .compress();
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
        new UnitCompressor(
                unit("{method = magnitude-preserve, keep = 200000}, {method = rtn}"),
                RealWeights.square(),
                f -> null,
                0)
            .compress();
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
        new UnitCompressor(unit("{method = rtn, bits = [3, 4]}"), weight, f -> null, 0).compress();
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
            });
    List<CellResult> results =
        new UnitCompressor(unit("{method = gptq}, {method = rtn}"), weight, f -> null, input, 0)
            .compress();
    assertThat(((CellResult.Done) results.get(0).outcome()).notes())
        .containsExactly("Damping raised from 0.01 to 1.0 to make the Hessian positive definite");
    assertThat(((CellResult.Done) results.get(1).outcome()).notes()).isEmpty();
  }

  @Test
  void factorsAreLoadedOnce() {
    Matrix weight = RealWeights.square();
    int[] loads = {0};
    List<CellResult> results =
        new UnitCompressor(
                unit("{method = svd, rank = [8, 16]}, {method = svd-preserve, keep = [1, 4]}"),
                weight,
                f -> {
                  loads[0]++;
                  return LocalFactorizer.of(FactorizerKind.LAPACK_DOUBLE, 0)
                      .factorize(weight, f.rank());
                },
                0)
            .compress();
    assertThat(results).hasSize(4);
    assertThat(loads[0]).isEqualTo(1);
  }

  @Test
  void anUnreadableFactorFileIsNotTheCellsFault() {
    UnitCompressor compressor =
        new UnitCompressor(
            unit("{method = svd, rank = 8}"),
            RealWeights.square(),
            f -> {
              throw new EOFException("cut short");
            },
            0);
    assertThatThrownBy(compressor::compress).isInstanceOf(UncheckedIOException.class);
  }
}
