package dev.assay.evaluate.glue;

import dev.assay.evaluate.Inputs;
import dev.assay.evaluate.Logits;
import dev.assay.evaluate.Request;
import dev.assay.evaluate.Task;
import dev.assay.model.Tokenizer;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import java.util.List;

/** A task whose rows are its inputs, a pair of texts going in together. */
interface RowTask extends Task {
  /** The rows. */
  Dataset data();

  @Override
  default Inputs inputs(Tokenizer tokenizer) {
    return Inputs.of(data().examples().stream().map(Example::texts).toList(), tokenizer);
  }

  @Override
  default Request request() {
    return new Logits();
  }

  @Override
  default String digest() {
    return data().sha256();
  }

  @Override
  default int fileInput(int input) {
    return data().fileRows().get(input);
  }

  @Override
  default List<String> treatments() {
    return data().treatments();
  }
}
