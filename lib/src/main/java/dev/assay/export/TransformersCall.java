package dev.assay.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.family.Architecture;
import dev.assay.family.Families;
import java.io.IOException;
import java.util.List;

/** How Transformers loads a directory. */
final class TransformersCall {
  /** Endings of Transformers' classes that have an Auto class of the same ending. */
  private static final List<String> AUTO =
      List.of(
          "ForSequenceClassification",
          "ForTokenClassification",
          "ForQuestionAnswering",
          "ForMaskedLM",
          "ForCausalLM");

  private TransformersCall() {}

  /**
   * An expression of Python. A body without its pooler is loaded without one, or Transformers would
   * make one of random numbers and say so.
   *
   * @param config contents of {@code config.json}
   * @param tensors names of all tensors
   */
  static String of(byte[] config, List<String> tensors, String folder) {
    String architecture = architecture(config);
    String auto =
        AUTO.stream()
            .filter(architecture::endsWith)
            .map(ending -> "AutoModel" + ending)
            .findFirst()
            .orElse("AutoModel");
    boolean bare =
        Families.all().stream()
                .filter(Architecture::pools)
                .anyMatch(family -> architecture.equals(family.className() + "Model"))
            && tensors.stream().noneMatch(name -> name.endsWith("pooler.dense.weight"));
    String literal = '"' + folder.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    return auto + ".from_pretrained(" + literal + (bare ? ", add_pooling_layer=False)" : ")");
  }

  private static String architecture(byte[] config) {
    try {
      return new ObjectMapper().readTree(config).path("architectures").path(0).asText();
    } catch (IOException e) {
      return "";
    }
  }
}
