package dev.assay.jobs.steps.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.jobs.Repository;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.jobs.store.FactorStore;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.model.Batch;
import dev.assay.model.Model;
import dev.assay.model.TokenIds;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialModelsTest {
  private static final Batch BATCH =
      Batch.of(List.of(new TokenIds(new int[] {101, 7592, 102}, new int[3], false)));

  private final TrialModels models = TrialModels.ofThisJvm();
  private final Configuration conf = new Configuration();

  @TempDir private java.nio.file.Path out;

  private Trial trial;
  private EffectiveWeights weights;

  @BeforeEach
  void plan() throws IOException {
    plan("{method=rtn,bits=2}");
  }

  private void plan(String recipe) throws IOException {
    SweepSettings settings =
        SweepSettings.read(
            ConfigFactory.empty(),
            List.of(
                "sweep=test",
                "model=\"" + Repository.MINILM + "\"",
                "matrices=[\"encoder.layer.0.attention.self.query.weight\"]",
                "recipes=[" + recipe + "]"));
    Checkpoint checkpoint = Checkpoint.open(new LocalFolder(Repository.MINILM));
    trial =
        Plan.of(settings, checkpoint.family(), checkpoint.matrices(), new StatisticsIds.None())
            .trials()
            .get(0);
    Path folder = new Path(out.toString());
    weights =
        new EffectiveWeights(
            Repository.MINILM.toString(),
            FactorStore.of(folder, "test"),
            StatisticsStore.NONE,
            EffectiveWeights.artifacts(folder, "test"),
            settings.seed());
  }

  @Test
  void aModelInUseStaysOpenHoweverManyOthersAreAskedFor() throws IOException {
    float[][] before =
        use(
            "busy",
            busy -> {
              float[][] first = busy.embeddings(BATCH);
              for (int i = 0; i < 6; i++) {
                float[][] others = use("other " + i, other -> other.embeddings(BATCH));
                assertThat(others).isDeepEqualTo(first);
              }
              assertThat(busy.embeddings(BATCH)).isDeepEqualTo(first);
              return first;
            });
    float[][] dense = models.dense(Repository.MINILM.toString(), conf).embeddings(BATCH);
    assertThat(before[0]).isNotEqualTo(dense[0]);
  }

  @Test
  void modelsOutOfUseAreClosed() throws IOException {
    Model first = use("first", encoder -> encoder);
    Model again = use("first", encoder -> encoder);
    assertThat(again).isSameAs(first);
    for (int i = 0; i < 6; i++) {
      use("later " + i, encoder -> encoder);
    }
    assertThatThrownBy(() -> first.embeddings(BATCH))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void inputsAreRoundedWhereARecipeSaysSoAlsoFromAnArtifact() throws IOException {
    plan("{method=hadamard-rtn,bits=8,activation-bits=16}");
    float[][] exact = use("weights only", encoder -> encoder.embeddings(BATCH));
    plan("{method=hadamard-rtn,bits=8,activation-bits=3}");
    float[][] made = use("made", encoder -> encoder.embeddings(BATCH));
    float[][] read = use("read", encoder -> encoder.embeddings(BATCH));
    assertThat(read).isDeepEqualTo(made);
    float[][] dense = models.dense(Repository.MINILM.toString(), conf).embeddings(BATCH);
    assertThat(distance(made[0], dense[0])).isGreaterThan(2 * distance(exact[0], dense[0]));
  }

  private static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(squares);
  }

  private <R> R use(String id, TrialModels.Use<R> use) throws IOException {
    return models.trial(id, trial, weights, conf, use);
  }
}
