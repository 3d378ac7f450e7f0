package dev.assay.jobs;

import dev.assay.finetune.FinetuneSettings;
import dev.assay.jobs.steps.finetune.ModelFinetuning;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code finetune}: a classifier from an encoder. */
@Command(
    name = "finetune",
    description = {
      "Teaches an encoder a GLUE task and writes a Hugging Face classifier.",
      "Needed: model=DIR task=NAME data=DIR to=DIR. Others, with their defaults: seed=0 epochs=4",
      "batch=16 learning-rate=5e-5 warmup=0.1 weight-decay=0.01 dropout=0.1 learned=blocks|all",
      "keep=last|best max-length=0 threads=0"
    },
    mixinStandardHelpOptions = true)
final class FinetuneCommand implements Callable<Integer> {
  @Mixin private ConfArguments arguments;

  @Override
  public Integer call() throws Exception {
    Configuration conf = SparkHadoopUtil.get().conf();
    ConfArguments.Given given = arguments.given(conf);
    FinetuneSettings settings = FinetuneSettings.read(given.file(), given.overrides());
    ModelFinetuning.Summary summary;
    // It computes on the driver alone, but a cluster ends a driver that never makes a session.
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      summary = new ModelFinetuning(settings, conf, System.err).run();
    }
    System.out.printf(
        "Wrote %s, the model after epoch %d%n", summary.path(), summary.learned().kept());
    System.out.println("  files: " + String.join(", ", summary.files()));
    System.out.println("Measure what compression costs it:");
    System.out.printf(
        "  ./submit.sh sweep conf/glue.conf model=%s task=%s data=%s out=out%n",
        summary.path(), settings.task(), settings.data());
    System.out.println("Load it in Python:");
    System.out.println("  import transformers");
    System.out.println("  model = transformers." + summary.python());
    return Main.OK;
  }
}
