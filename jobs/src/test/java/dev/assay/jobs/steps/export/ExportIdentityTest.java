package dev.assay.jobs.steps.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.jobs.LocalSpark;
import dev.assay.jobs.Repository;
import dev.assay.jobs.steps.evaluate.TrialModels;
import dev.assay.jobs.steps.identify.SweepInputs;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.jobs.store.FactorStore;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.model.Batch;
import dev.assay.model.Model;
import dev.assay.model.ModelLoader;
import dev.assay.model.Tokenizer;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model's predictions are the same whichever way its effective weights come. */
class ExportIdentityTest {
  private static final PrintStream QUIET =
      new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);

  private static final String IN_16_BITS = "[{method=dense}, {method=rtn, bits=3}]";

  private static final List<List<String>> TEXTS =
      List.of(
          List.of("A man is playing a guitar on the street.", "Someone makes music outside."),
          List.of("The bridge was closed for repairs.", "The bridge is open."),
          List.of("Gold is heavier than lead.", "Which metal is heavier?"));

  @TempDir Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void ofAnOnnxExport() throws IOException {
    assertSameAnswers(
        Repository.MINILM,
        "[{method=dense}, {method=rtn, bits=3}, {method=hessian-preserve, keep=64},"
            + " {method=hadamard-rtn, bits=4, activation-bits=16}]",
        "rtn(bits=3)",
        "hessian-preserve(keep=64)",
        "hadamard-rtn(activation-bits=16, bits=4)");
  }

  @Test
  void ofAFineTunedModelIn16Bits() throws IOException {
    assertSameAnswers(Repository.shared("models/minilm-l6-rte"), IN_16_BITS);
  }

  @Test
  void ofShards() throws IOException {
    assertSameAnswers(Repository.shared("models/distilbert-random-tiny"), IN_16_BITS);
  }

  /**
   * The dense recipe, and others whose effective weights the checkpoint's type holds exactly, as an
   * overlay made from the weights, an overlay decoded from artifacts, and an exported directory.
   */
  private void assertSameAnswers(Path model, String recipes, String... others) throws IOException {
    Path out = temporary.resolve("out");
    SweepSettings settings =
        SweepSettings.read(
            ConfigFactory.empty(),
            List.of(
                "sweep=test",
                "model=\"" + model + "\"",
                "out=\"" + out + "\"",
                "matrices=[\"*.layer.0.*\"]",
                "calibration.task=paraphrase",
                "calibration.sequences=8",
                "recipes=" + recipes));
    new SweepRun(LocalSpark.session(), settings, QUIET).run();
    float[][] dense = answers(new LocalFolder(model));
    assertThat(exported(out, "dense")).isDeepEqualTo(dense);
    Configuration conf = new Configuration();
    SweepInputs inputs = SweepInputs.open(settings, conf);
    assertThat(inputs.identified()).isTrue();
    StatisticsStore statistics = inputs.statistics();
    for (Trial trial : inputs.plan().trials()) {
      String recipe = trial.name();
      delete(out);
      float[][] made = overlay(settings, statistics, trial, temporary + " made " + recipe);
      float[][] stored = overlay(settings, statistics, trial, temporary + " stored " + recipe);
      assertThat(stored).isDeepEqualTo(made);
      if (recipe.equals("dense")) {
        assertThat(made).isDeepEqualTo(dense);
      } else {
        assertThat(made[0]).isNotEqualTo(dense[0]);
      }
      if (List.of(others).contains(recipe)) {
        assertThat(exported(out, recipe)).isDeepEqualTo(made);
      }
    }
  }

  private static void delete(Path out) throws IOException {
    org.apache.hadoop.fs.Path artifacts =
        new org.apache.hadoop.fs.Path(out.resolve("test/artifacts").toUri());
    artifacts.getFileSystem(new Configuration()).delete(artifacts, true);
  }

  private static float[][] overlay(
      SweepSettings settings, StatisticsStore statistics, Trial trial, String id)
      throws IOException {
    org.apache.hadoop.fs.Path out = new org.apache.hadoop.fs.Path(settings.out());
    EffectiveWeights weights =
        new EffectiveWeights(
            settings.model(),
            FactorStore.of(out, "test"),
            statistics,
            EffectiveWeights.artifacts(out, "test"),
            settings.seed());
    Folder folder = new LocalFolder(Path.of(settings.model()));
    return TrialModels.ofThisJvm()
        .trial(id, trial, weights, new Configuration(), encoder -> answers(encoder, folder));
  }

  private float[][] exported(Path out, String recipe) throws IOException {
    Path to = temporary.resolve("exported " + recipe);
    ModelExport.Request request =
        new ModelExport.Request(
            out.toString(),
            recipe,
            to.toString(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    new ModelExport(LocalSpark.session(), request, QUIET).run();
    return answers(new LocalFolder(to));
  }

  private static float[][] answers(Folder folder) throws IOException {
    try (Model encoder = ModelLoader.load(folder)) {
      return answers(encoder, folder);
    }
  }

  /** Logits of a model that classifies, embeddings of another; with the folder's own tokenizer. */
  private static float[][] answers(Model encoder, Folder folder) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(folder, encoder.config(), 0)) {
      Batch batch =
          Batch.of(TEXTS.stream().map(p -> tokenizer.encode(p.get(0), p.get(1))).toList());
      return encoder.classes() > 0 ? encoder.logits(batch) : encoder.embeddings(batch);
    }
  }
}
