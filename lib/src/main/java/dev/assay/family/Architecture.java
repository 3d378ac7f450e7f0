package dev.assay.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A family whose network is known, so that its models run. */
public interface Architecture extends Family {

  /** What Transformers' classes of the family begin with: {@code Bert}. */
  String className();

  /** What stands before the body's names in a model with a head, without a dot: {@code bert}. */
  String base();

  /** The names of its network. */
  Anatomy anatomy();

  /**
   * Reads {@code config.json}.
   *
   * @throws dev.assay.InputException if a key is missing or holds what cannot be computed
   */
  ModelConfig config(Keys keys);

  /**
   * The keys of its own that {@code config.json} has: what {@link #config} reads.
   *
   * @throws IllegalStateException for families whose models always come with the file
   */
  default Map<String, Object> keys(ModelConfig config) {
    throw new IllegalStateException("No config.json is made for models of type " + type());
  }

  /** What makes a model without {@code config.json} run; empty where nothing does. */
  default Optional<Published> published() {
    return Optional.empty();
  }

  /**
   * Whether a checkpoint without {@code model_type} is of this family.
   *
   * @param shapes its tensors' names and stored shapes
   */
  boolean recognizes(Map<String, List<Long>> shapes);

  /** Whether Transformers puts a pooler behind the body, with the checkpoint's weights or new. */
  default boolean pools() {
    return false;
  }

  /** Whether the tokenizer tells a pair's texts apart by types, as Transformers passes them on. */
  default boolean readsTypes() {
    return false;
  }

  /** The name that Transformers gives a stored tensor when it loads it. */
  default String loaded(String stored) {
    if (stored.endsWith(".gamma")) {
      return stored.substring(0, stored.length() - "gamma".length()) + "weight";
    }
    return stored.endsWith(".beta")
        ? stored.substring(0, stored.length() - "beta".length()) + "bias"
        : stored;
  }

  /** Whether a tensor may lie there without being run: heads that are not, buffers. */
  default boolean ignores(String tensorName) {
    return Unrun.NAMES.matcher(tensorName).matches();
  }

  /** Names of the parameters of a body without its head, a pooler or a prefix, in order. */
  default List<String> parameters(ModelConfig config) {
    Blocks blocks = anatomy().blocks();
    List<String> names = new ArrayList<>();
    anatomy().embeddings().tables().forEach(table -> names.add(table + ".weight"));
    anatomy().distances().ifPresent(table -> names.add(table + ".weight"));
    boolean centred = anatomy().norms() == Anatomy.Norms.LAYER_NORM;
    anatomy().embeddings().norm().ifPresent(norm -> add(names, norm, centred));
    for (int i = 0; i < config.layers(); i++) {
      String block = blocks.list() + '.' + i + '.';
      blocks
          .linears()
          .forEach((role, linear) -> add(names, block + linear, config.biased().contains(role)));
      add(names, block + blocks.attentionNorm(), centred);
      add(names, block + blocks.feedForwardNorm(), centred);
    }
    anatomy().finalNorm().ifPresent(norm -> add(names, norm, centred));
    return names;
  }

  private static void add(List<String> names, String module, boolean biased) {
    names.add(module + ".weight");
    if (biased) {
      names.add(module + ".bias");
    }
  }

  @Override
  default Optional<Feed> feed(String tensorName) {
    return anatomy().feed(tensorName);
  }

  /** Names of what does not take part. */
  final class Unrun {
    private static final Pattern NAMES =
        Pattern.compile(
            "(?:.*\\.)?(?:pooler|cls|classifier|pre_classifier|qa_outputs|vocab_transform"
                + "|vocab_layer_norm|vocab_projector|dropout|lm_head|score|rotary_emb)\\..*"
                + "|.*\\.(?:position|token_type)_ids|.*\\.attn\\.(?:masked_)?bias");

    private Unrun() {}
  }
}
