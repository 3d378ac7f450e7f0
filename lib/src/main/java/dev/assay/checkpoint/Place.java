package dev.assay.checkpoint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a matrix sits in its network, told from its Hugging Face name alone.
 *
 * <p>The BERT family, DistilBERT, Llama and its relatives, OPT and BART, GPT-2 and GPT-NeoX are
 * known by name, with any prefix. In any other network the layer is the first number in the name
 * and every matrix is a site of its own.
 *
 * @param layer index of its block, −1 where it is in none
 * @param site name of the site: {@code encoder.layer.3.attention}, {@code model.layers.0.mlp}
 * @param matrix its role in the site: {@code query}, {@code key}, {@code value}, {@code qkv},
 *     {@code output}; {@code gate}, {@code up}, {@code gate_up}, {@code down}; or, where the
 *     architecture is not known, the last part of its name
 */
public record Place(int layer, String site, String matrix) {
  private static final String WEIGHT = ".weight";

  /** A block: a list of layers and an index into it. The first such pair in a name counts. */
  private static final Pattern BLOCK =
      Pattern.compile("((?:.*?\\.)?(?:layer|layers|h|block|blocks)\\.(\\d{1,9}))\\.(.+)");

  private static final Pattern NUMBERED = Pattern.compile("(?:.*?\\.)?(\\d{1,9})\\.(.+)");

  /** Rest of a name behind its block → site within the block, role in the site. */
  private static final Map<String, String[]> KNOWN =
      Map.ofEntries(
          // BERT, RoBERTa, ELECTRA, XLM-R, ViT (encoder.layer.N)
          known("attention.self.query", "attention", "query"),
          known("attention.self.key", "attention", "key"),
          known("attention.self.value", "attention", "value"),
          known("attention.attention.query", "attention", "query"),
          known("attention.attention.key", "attention", "key"),
          known("attention.attention.value", "attention", "value"),
          known("attention.output.dense", "attention", "output"),
          known("crossattention.self.query", "crossattention", "query"),
          known("crossattention.self.key", "crossattention", "key"),
          known("crossattention.self.value", "crossattention", "value"),
          known("crossattention.output.dense", "crossattention", "output"),
          known("intermediate.dense", "mlp", "up"),
          known("output.dense", "mlp", "down"),
          // DistilBERT (transformer.layer.N)
          known("attention.q_lin", "attention", "query"),
          known("attention.k_lin", "attention", "key"),
          known("attention.v_lin", "attention", "value"),
          known("attention.out_lin", "attention", "output"),
          known("ffn.lin1", "mlp", "up"),
          known("ffn.lin2", "mlp", "down"),
          // Llama, Mistral, Qwen, Gemma, Phi (layers.N); OPT and BART share the first rows
          known("self_attn.q_proj", "self_attn", "query"),
          known("self_attn.k_proj", "self_attn", "key"),
          known("self_attn.v_proj", "self_attn", "value"),
          known("self_attn.qkv_proj", "self_attn", "qkv"),
          known("self_attn.o_proj", "self_attn", "output"),
          known("self_attn.out_proj", "self_attn", "output"),
          known("self_attn.dense", "self_attn", "output"),
          known("encoder_attn.q_proj", "encoder_attn", "query"),
          known("encoder_attn.k_proj", "encoder_attn", "key"),
          known("encoder_attn.v_proj", "encoder_attn", "value"),
          known("encoder_attn.out_proj", "encoder_attn", "output"),
          known("mlp.gate_proj", "mlp", "gate"),
          known("mlp.up_proj", "mlp", "up"),
          known("mlp.gate_up_proj", "mlp", "gate_up"),
          known("mlp.down_proj", "mlp", "down"),
          known("mlp.fc1", "mlp", "up"),
          known("mlp.fc2", "mlp", "down"),
          known("fc1", "mlp", "up"),
          known("fc2", "mlp", "down"),
          // GPT-2 (h.N), GPT-NeoX (layers.N), BLOOM and Falcon (h.N)
          known("attn.c_attn", "attn", "qkv"),
          known("attn.c_proj", "attn", "output"),
          known("mlp.c_fc", "mlp", "up"),
          known("mlp.c_proj", "mlp", "down"),
          known("attention.query_key_value", "attention", "qkv"),
          known("attention.dense", "attention", "output"),
          known("self_attention.query_key_value", "self_attention", "qkv"),
          known("self_attention.dense", "self_attention", "output"),
          known("mlp.dense_h_to_4h", "mlp", "up"),
          known("mlp.dense_4h_to_h", "mlp", "down"));

  /** Modules outside the blocks, whatever number their names hold. */
  private static final Set<String> OUTSIDE =
      Set.of(
          "pooler",
          "classifier",
          "pre_classifier",
          "classification_head",
          "score",
          "cls",
          "lm_head",
          "embed_out",
          "qa_outputs",
          "predictions");

  /**
   * Matrices within a block that are no linears: look-up tables of positions, norms, routers'
   * biases.
   */
  private static final Pattern NO_LINEAR = Pattern.compile(".*(?:embed|norm|position|bias).*");

  /** Places the tensor called {@code tensorName}. */
  public static Place of(String tensorName) {
    String name = stem(tensorName);
    Matcher block = BLOCK.matcher(name);
    if (block.matches()) {
      String[] known = KNOWN.get(block.group(3));
      if (known != null) {
        int layer = Integer.parseInt(block.group(2));
        return new Place(layer, block.group(1) + '.' + known[0], known[1]);
      }
    }
    Matcher numbered = NUMBERED.matcher(name);
    int layer = numbered.matches() ? Integer.parseInt(numbered.group(1)) : -1;
    return new Place(layer, name, name.substring(name.lastIndexOf('.') + 1));
  }

  /**
   * Name of the input that the matrix reads: equal for the matrices that read the same, query, key
   * and value or gate and up, and for them alone.
   */
  public String input() {
    boolean crossed = site.endsWith(".crossattention") || site.endsWith(".encoder_attn");
    return switch (matrix) {
      case "query" -> site + ".input";
      case "key", "value" -> site + (crossed ? ".memory" : ".input");
      case "qkv", "gate", "up", "gate_up" -> site + ".input";
      default -> (site.endsWith("." + matrix) ? site : site + "." + matrix) + ".input";
    };
  }

  /**
   * Whether {@code tensorName}, of a 2-D tensor, names the weight of a linear inside a block: what
   * a sweep compresses unless told otherwise. Embeddings, poolers and heads are not.
   */
  public static boolean isBlockLinear(String tensorName) {
    String name = stem(tensorName);
    Matcher block = BLOCK.matcher(name);
    if (block.matches() && KNOWN.containsKey(block.group(3))) {
      return true;
    }
    Matcher numbered = NUMBERED.matcher(name);
    return tensorName.endsWith(WEIGHT)
        && numbered.matches()
        && numbered.start(1) > 0
        && !NO_LINEAR.matcher(name.toLowerCase(Locale.ROOT)).matches()
        && Arrays.stream(name.split("\\.", -1)).noneMatch(OUTSIDE::contains);
  }

  private static String stem(String tensorName) {
    return tensorName.endsWith(WEIGHT)
        ? tensorName.substring(0, tensorName.length() - WEIGHT.length())
        : tensorName;
  }

  private static Map.Entry<String, String[]> known(String rest, String site, String matrix) {
    return Map.entry(rest, new String[] {site, matrix});
  }
}
