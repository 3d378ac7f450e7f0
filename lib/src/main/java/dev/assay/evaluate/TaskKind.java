package dev.assay.evaluate;

import dev.assay.checkpoint.Folder;
import dev.assay.task.Example;
import dev.assay.task.Split;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A name that configurations know, and how a {@link Task} is made of it. */
public interface TaskKind {
  /** The name in configurations and tables. */
  String id();

  /** Whether answers are right or wrong, rather than scores. */
  boolean classifies();

  /** Where the data is if it comes with Assay; it is taken whole then. */
  Optional<Folder> shipped();

  /**
   * The part of the data that models are judged by, as tables name it.
   *
   * @param split the part that is wanted, where the kind lets choose
   */
  String part(Split split);

  /**
   * The examples of a part, for models to be calibrated on.
   *
   * @param split the part that is wanted; of data that is shipped it is always the train part
   * @throws dev.assay.InputException if the data is wrong
   */
  List<Example> examples(Folder data, Split split) throws IOException;

  /**
   * Reads the data and chooses how the model answers it.
   *
   * @param settings which part of the data, and what is said of the model
   * @param data where its file is
   * @param seed of the rows that are drawn where not all are wanted
   * @throws dev.assay.InputException if the data is wrong, or the task does not fit the model
   */
  Task open(EvaluationSettings settings, Folder data, Examinee model, long seed) throws IOException;
}
