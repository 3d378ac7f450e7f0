package dev.assay.evaluate.pairs;

import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.Embeddings;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Inputs;
import dev.assay.evaluate.answers.Cosine;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.model.Tokenizer;
import dev.assay.task.Dataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Pairs of texts that are embedded one by one: the texts of row i are the inputs 2·i and 2·i + 1.
 *
 * @param data the pairs
 * @param request how they are embedded
 * @param prefix what stands before every text
 */
public record EmbeddedPairs(Dataset data, Embeddings request, String prefix) {
  /**
   * Pairs for a model.
   *
   * @param model the checkpoint's folder
   */
  static EmbeddedPairs of(Dataset data, EvaluationSettings settings, Folder model)
      throws IOException {
    return new EmbeddedPairs(data, Embeddings.of(settings, model), settings.prefix());
  }

  Inputs inputs(Tokenizer tokenizer) {
    return Inputs.of(
        data.examples().stream()
            .flatMap(example -> example.texts().stream())
            .map(text -> List.of(prefix + text))
            .toList(),
        tokenizer);
  }

  int fileInput(int input) {
    return 2 * data.fileRows().get(input / 2) + input % 2;
  }

  List<String> treatments() {
    List<String> all = new ArrayList<>(data.treatments());
    all.addAll(request.treatments());
    return all;
  }

  /**
   * The cosine of each pair.
   *
   * @param embeddings both texts of every pair, by their numbers as inputs
   * @return one value a row
   * @throws IllegalArgumentException if a text of a pair is missing
   */
  static Predictions similarities(Predictions embeddings) {
    int[] rows = new int[embeddings.size() / 2];
    float[][] values = new float[rows.length][];
    for (int i = 0; i < embeddings.size(); i += 2) {
      int row = embeddings.row(i) / 2;
      if (embeddings.row(i) != 2 * row
          || i + 1 == embeddings.size()
          || embeddings.row(i + 1) != 2 * row + 1) {
        throw new IllegalArgumentException("A text of row " + row + " has no embedding");
      }
      rows[i / 2] = row;
      values[i / 2] =
          new float[] {(float) Cosine.of(embeddings.values(i), embeddings.values(i + 1))};
    }
    return Predictions.of(rows, values);
  }
}
