package dev.assay.evaluate;

import dev.assay.InputException;
import dev.assay.config.Suggestion;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.pairs.Paraphrase;
import dev.assay.family.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All kinds of tasks: the one place that lists them. */
public final class Tasks {
  private Tasks() {}

  private static List<TaskKind> kinds() {
    List<TaskKind> kinds = new ArrayList<>(List.of(Glue.values()));
    kinds.add(new Paraphrase());
    return kinds;
  }

  /** Their names. */
  public static List<String> names() {
    return kinds().stream().map(TaskKind::id).toList();
  }

  /** The kind of that name, exactly as {@link TaskKind#id} spells it. */
  public static Optional<TaskKind> named(String id) {
    return kinds().stream().filter(kind -> kind.id().equals(id)).findFirst();
  }

  /**
   * The kind of that name.
   *
   * @throws InputException if there is none
   */
  public static TaskKind of(String id) {
    return named(id)
        .orElseThrow(
            () ->
                new InputException(
                    "task", "Unknown task '" + id + "'", Suggestion.of(id, names())));
  }

  /**
   * Checks that a model answers tasks at all, which its configuration tells.
   *
   * @param where the model, for messages
   * @throws InputException if it makes the next token
   */
  public static void check(ModelConfig config, String where) {
    if (config.family().anatomy().causal()) {
      throw new InputException(
          where,
          "Models of type "
              + config.modelType()
              + " make the next token, and no task asks for that: they can be compressed, not"
              + " evaluated",
          "Leave task out, or choose an encoder");
    }
  }
}
