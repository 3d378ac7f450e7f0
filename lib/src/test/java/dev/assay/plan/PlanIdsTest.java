package dev.assay.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.checkpoint.Digests;
import dev.assay.checkpoint.Tensor;
import dev.assay.config.Hocon;
import dev.assay.family.Families;
import dev.assay.family.Family;
import dev.assay.stats.FisherFile;
import dev.assay.tensor.DType;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Ids are promises: what an output holds is found again by them. They were recorded once and must
 * not change unless a stage says, by its version, that its results do.
 */
class PlanIdsTest {
  private static final Family BERT = Families.of("bert");
  private static final String GRID =
      """
      sweep = ids, model = none, seed = 7, factorizer = randomized
      recipes = [
        { method = dense }
        { method = rtn, bits = [3, 4], granularity = [row, "group(64)"], clip = [absmax, mse] }
        { method = random-preserve, keep = 16 }
        { method = svd-preserve, keep = 16 }
        { method = svd, rank = [8, 100] }
        { method = magnitude-prune, sparsity = 0.5 }
        { method = gptq }
        { method = awq }
        { method = smoothquant }
        { method = hadamard-rtn }
        { method = spqr }
        { method = fwsvd, rank = 8 }
        { method = fisher-preserve, keep = 16 }
      ]
      """;

  @Test
  void idsAreThoseOfTheFirstRelease() {
    List<Tensor> matrices = new ArrayList<>();
    Map<String, String> statistics = new TreeMap<>();
    for (int layer = 0; layer < 2; layer++) {
      for (String linear : List.of("attention.self.query", "attention.self.key", "output.dense")) {
        String name = "encoder.layer." + layer + '.' + linear + ".weight";
        matrices.add(
            new Tensor(
                name,
                "model.safetensors",
                DType.F32,
                128,
                256,
                0,
                Tensor.Layout.OUT_IN,
                "identity of " + name));
        statistics.put(BERT.place(name).input(), "statistics of " + BERT.place(name).input());
        statistics.put(FisherFile.name(name), "gradients of " + name);
      }
    }
    SweepSettings settings = SweepSettings.read(Hocon.parse(GRID, "ids.conf"), List.of());
    Plan plan = Plan.of(settings, BERT, matrices, new StatisticsIds.Supplied(statistics));
    assertThat(plan.cells()).isEqualTo(6L * settings.recipes().size());
    assertThat(digest(plan.tasks().stream().flatMap(PlanIdsTest::ids).sorted().toList()))
        .isEqualTo("375faaa2dd87facd3181fe1941821a2ddbe79d74ca925423227e11697d6b163f");
    assertThat(digest(plan.factorTasks().stream().map(Plan.FactorTask::id).sorted().toList()))
        .isEqualTo("2e3807c435daa66826e731b99303ffb3ac70f1c9a702af2a53523f8fcd871afd");
    assertThat(
            digest(plan.trials().stream().map(t -> t.id(Map.of("task", "none"))).sorted().toList()))
        .isEqualTo("6cbd274a0692e61f69dd4a05dfaa852ec04b86ce9b192030b9d9b13268351c57");
  }

  private static Stream<String> ids(SiteTask task) {
    return task.cells().stream().map(Cell::id);
  }

  private static String digest(List<String> ids) {
    MessageDigest digest = Digests.sha256();
    digest.update(String.join("\n", ids).getBytes(UTF_8));
    return Digests.hex(digest);
  }
}
