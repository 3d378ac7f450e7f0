package dev.assay.jobs.steps.finetune;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.TensorData;
import dev.assay.evaluate.answers.Measure;
import dev.assay.export.DenseExport;
import dev.assay.export.NewClassifier;
import dev.assay.finetune.FinetuneSettings;
import dev.assay.finetune.Finetuning;
import dev.assay.finetune.Progress;
import dev.assay.jobs.BuildInfo;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.store.WholeDirectory;
import dev.assay.model.ModelLoader;
import dev.assay.model.Training;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Teaches an encoder a GLUE task on the driver's cores, and writes the classifier as a Hugging Face
 * directory that appears whole or not at all.
 */
public final class ModelFinetuning {
  private static final String DESCRIPTION = "assay.json";

  private final FinetuneSettings settings;
  private final Configuration conf;
  private final PrintStream log;

  /**
   * Prepares a fine-tuning.
   *
   * @param conf for the file systems of encoder, data and directory
   * @param log where it is said how it goes
   */
  public ModelFinetuning(FinetuneSettings settings, Configuration conf, PrintStream log) {
    this.settings = settings;
    this.conf = conf;
    this.log = log;
  }

  /**
   * What was written.
   *
   * @param directory its full path
   * @param files names of all files
   * @param learned how it went
   * @param python an expression of Python that loads it
   */
  public record Summary(
      Path directory, List<String> files, Finetuning.Learned learned, String python) {
    /** The directory's path as the user knows it. */
    public String path() {
      return WholeDirectory.shown(directory);
    }
  }

  /**
   * Learns and writes.
   *
   * @throws dev.assay.InputException if the encoder or the data is wrong, the directory exists, or
   *     the loss becomes infinite; nothing is left behind
   */
  public Summary run() throws IOException {
    try (WholeDirectory directory = WholeDirectory.at(settings.to(), conf)) {
      Folder source = HadoopFolder.open(settings.model(), conf);
      Folder data = HadoopFolder.open(settings.data(), conf);
      try (Finetuning finetuning = Finetuning.open(source, data, settings)) {
        directory.begin();
        announce(finetuning);
        Finetuning.Learned learned = finetuning.run(new FinetuningLog(log));
        Map<String, TensorData> parameters = learned.parameters();
        NewClassifier classifier = new NewClassifier(source, finetuning.config());
        for (Map.Entry<String, byte[]> made : classifier.made().entrySet()) {
          directory.write(made.getKey(), out -> out.write(made.getValue()));
        }
        directory.write(DenseExport.WEIGHTS, out -> classifier.writeWeights(out, parameters));
        directory.write(DESCRIPTION, out -> out.write(description(finetuning, learned)));
        for (String file : classifier.copied()) {
          directory.copy(source, file, file);
        }
        // What cannot be loaded is not published.
        ModelLoader.load(HadoopFolder.open(directory.path(), conf)).close();
        Path published = directory.publish();
        String name =
            WholeDirectory.isLocal(published)
                ? WholeDirectory.shown(published)
                : published.getName();
        return new Summary(
            published, directory.files(), learned, classifier.python(name, parameters.keySet()));
      }
    }
  }

  private void announce(Finetuning finetuning) {
    log.printf(
        Locale.ROOT,
        "Learning %s from %,d examples (epochs %d, batch %d, seed %d, %s head)%n",
        settings.task(),
        finetuning.examples(),
        settings.epochs(),
        settings.batch(),
        settings.seed(),
        finetuning.head() == Training.Head.KEPT ? "kept" : "new");
    finetuning.treatments().forEach(log::println);
  }

  private byte[] description(Finetuning finetuning, Finetuning.Learned learned) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("assay_version", BuildInfo.read().version());
    json.put("encoder", settings.model());
    json.put("task", settings.task().id());
    json.put("train_sha256", finetuning.dataSha256());
    json.put("examples", finetuning.examples());
    json.put("head", finetuning.head().name().toLowerCase(Locale.ROOT));
    json.put("seed", settings.seed());
    json.put("epochs", settings.epochs());
    json.put("batch", settings.batch());
    json.put("learning_rate", settings.schedule().highest());
    json.put("warmup", settings.schedule().warmup());
    json.put("weight_decay", settings.weightDecay());
    json.put("dropout", settings.dropout());
    json.put("learned", settings.learned().name().toLowerCase(Locale.ROOT));
    json.put("max_length", settings.maxLength());
    json.put("keep", settings.keep().name().toLowerCase(Locale.ROOT));
    json.put("kept_epoch", learned.kept());
    ArrayNode array = json.putArray("progress");
    for (Progress.Epoch epoch : learned.epochs()) {
      ObjectNode each = array.addObject();
      each.put("epoch", epoch.number());
      each.put("loss", epoch.loss());
      for (Measure measure : epoch.dev()) {
        each.put("dev_" + measure.metric().id(), measure.value());
        measure.correct().ifPresent(correct -> each.put("dev_correct", correct));
        each.put("dev_rows", measure.n());
      }
    }
    try {
      return (new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of numbers and texts is always JSON", e);
    }
  }
}
