package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.sweep.SweepRun;
import dev.assay.plan.SweepSettings;
import dev.assay.recipe.Method;
import dev.assay.recipe.Methods;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every method that comes with Assay, with its defaults, through a whole sweep. */
class MethodsSweepTest {
  /** Methods that need gradients of a task with labels. */
  private static final List<String> BY_GRADIENTS =
      List.of("fisher-preserve", "fwsvd", "squeezellm");

  @TempDir private Path out;

  private SweepSettings settings() {
    String recipes =
        Methods.builtIn().all().stream()
            .map(Method::name)
            .filter(name -> !BY_GRADIENTS.contains(name))
            .map(name -> "{method=" + name + "}")
            .collect(Collectors.joining(","));
    return Sweeps.settings(
        out,
        "matrices=[\"encoder.layer.0.attention.self.*\"]",
        "recipes=[" + recipes + "]",
        "calibration.task=paraphrase",
        "calibration.sequences=96");
  }

  @Test
  void everyMethodIsDoneAndMeasured() {
    SweepRun.Summary first = Sweeps.run(settings());
    assertThat(
            Sweeps.files(out)
                .query("SELECT recipe, unit, error_message FROM ${cells} WHERE status <> 'DONE'"))
        .isEmpty();
    int methods = Methods.builtIn().all().size() - BY_GRADIENTS.size();
    assertThat(first.done()).isEqualTo(3L * methods);
    assertThat(Sweeps.run(settings()).done()).isZero();

    Map<String, Double> errors = new TreeMap<>();
    for (List<Object> row :
        Sweeps.files(out)
            .query(
                "SELECT recipe, avg(relative_output_error) FROM ${output_metrics}"
                    + " JOIN (SELECT cell_id, recipe FROM ${cells}) USING (cell_id) GROUP BY ALL")) {
      errors.put((String) row.get(0), (Double) row.get(1));
    }
    assertThat(errors).hasSize(methods);
    assertThat(errors.get("dense")).isZero();
    assertThat(errors).allSatisfy((recipe, error) -> assertThat(error).isBetween(0.0, 1.0));
    // What the papers promise of the output error, at equal bits or rank, on average.
    assertThat(errors.get("gptq")).isLessThan(errors.get("rtn"));
    assertThat(errors.get("sparsegpt")).isLessThan(errors.get("wanda"));
    assertThat(errors.get("wanda")).isLessThan(errors.get("magnitude-prune"));
    assertThat(errors.get("svd-llm")).isLessThan(errors.get("asvd"));
  }
}
