package dev.assay.checkpoint;

import dev.assay.InputException;
import dev.assay.family.Families;
import dev.assay.family.Family;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the family of a checkpoint. */
final class ModelType {
  static final String CONFIG = "config.json";
  private static final String FIX = "Download config.json again, or delete it.";

  private ModelType() {}

  /**
   * By {@code model_type} of {@code config.json}; without one, by what the tensors' names and
   * shapes say.
   *
   * @param shapes tensor name to stored shape
   * @throws InputException if {@code config.json} is not one JSON object
   */
  static Family of(Folder folder, List<String> files, Map<String, List<Long>> shapes)
      throws IOException {
    Optional<String> configured = Optional.empty();
    if (files.contains(CONFIG)) {
      try (ByteSource source = folder.open(CONFIG)) {
        configured = read(source);
      }
    }
    return configured.map(Families::of).orElseGet(() -> Families.recognize(shapes));
  }

  private static Optional<String> read(ByteSource source) throws IOException {
    String[] type = {""};
    StrictJson.read(
        source,
        FIX,
        (key, value) -> {
          if (key.equals("model_type")) {
            type[0] = StrictJson.string(value, source.path(), key, FIX);
          } else {
            value.skipChildren();
          }
        });
    return type[0].isBlank() ? Optional.empty() : Optional.of(type[0]);
  }
}
