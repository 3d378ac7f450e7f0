package dev.assay.finetune;

import dev.assay.model.Batch;
import dev.assay.model.TokenIds;
import dev.assay.model.Tokenizer;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import java.util.List;

/**
 * A part of a task, tokenized.
 *
 * @param data its rows
 * @param tokens of each row
 */
record Texts(Dataset data, List<TokenIds> tokens) {
  static Texts of(Dataset data, Tokenizer tokenizer) {
    return new Texts(
        data, data.examples().stream().map(example -> encode(example, tokenizer)).toList());
  }

  private static TokenIds encode(Example example, Tokenizer tokenizer) {
    return example.texts().size() == 1
        ? tokenizer.encode(example.first())
        : tokenizer.encode(example.first(), example.second());
  }

  /** Rows that go through the model together. */
  Batch batch(List<Integer> rows) {
    return Batch.of(rows.stream().map(tokens::get).toList());
  }

  /** How many rows were longer than the model can take. */
  long truncated() {
    return tokens.stream().filter(TokenIds::truncated).count();
  }
}
