package dev.assay.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.RealWeights;
import dev.assay.checkpoint.Tensor;
import dev.assay.config.Hocon;
import dev.assay.family.Families;
import dev.assay.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a plan's tasks would take on 2 to 64 slots if their estimates were exact: the next task goes
 * to the slot that is free first, as Spark does it.
 */
class PackingTest {
  private static final String GRID =
      """
      sweep = packing, model = none
      recipes = [
        { method = dense }
        { method = rtn, bits = [2, 3, 4, 8], granularity = [tensor, row], clip = [absmax, mse] }
        { method = svd-preserve, keep = [16, 256, 4096], clip = ["sigma(2.5)", absmax] }
        { method = random-preserve, keep = [16, 256, 4096] }
        { method = svd, rank = ["ratio(0.25)", "ratio(0.5)"] }
        { method = svd-residual, rank = [8, 32], bits = [3, 4] }
      ]
      """;

  static Stream<List<Tensor>> models() {
    return Stream.of(RealWeights.tensors(), llama(4, 4096, 11008), llama(80, 8192, 28672));
  }

  @ParameterizedTest
  @MethodSource("models")
  void noSlotIsLeftWithTheLargestMatrix(List<Tensor> matrices) {
    Plan plan =
        Plan.of(
            SweepSettings.read(Hocon.parse(GRID, "packing.conf"), List.of()),
            Families.of("bert"),
            matrices,
            new StatisticsIds.None());
    for (int slots : new int[] {2, 3, 4, 6, 8, 11, 16, 23, 32, 48, 64}) {
      List<Double> seconds =
          plan.packed(slots).stream().map(task -> task.work().seconds()).toList();
      double work = seconds.stream().mapToDouble(Double::doubleValue).sum();
      double bound = Math.max(work / slots, seconds.get(0));
      assertThat(work).isCloseTo(plan.work().seconds(), within(work));
      assertThat(makespan(seconds, slots)).as("%d slots", slots).isLessThan(4 * bound / 3);
    }
  }

  private static Offset<Double> within(double of) {
    return Offset.offset(1e-9 * of);
  }

  private static double makespan(List<Double> seconds, int slots) {
    PriorityQueue<Double> free = new PriorityQueue<>();
    for (int slot = 0; slot < slots; slot++) {
      free.add(0.0);
    }
    double end = 0;
    for (double task : seconds) {
      double done = free.remove() + task;
      free.add(done);
      end = Math.max(end, done);
    }
    return end;
  }

  private static List<Tensor> llama(int layers, int hidden, int intermediate) {
    List<Tensor> tensors = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      String block = "model.layers." + layer;
      for (String name : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
        tensors.add(tensor(block + ".self_attn." + name + ".weight", hidden, hidden));
      }
      tensors.add(tensor(block + ".mlp.gate_proj.weight", intermediate, hidden));
      tensors.add(tensor(block + ".mlp.up_proj.weight", intermediate, hidden));
      tensors.add(tensor(block + ".mlp.down_proj.weight", hidden, intermediate));
    }
    return tensors;
  }

  private static Tensor tensor(String name, int rows, int cols) {
    return new Tensor(
        name, "model.safetensors", DType.BF16, rows, cols, 0, Tensor.Layout.OUT_IN, name);
  }
}
