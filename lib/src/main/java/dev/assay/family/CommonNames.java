package dev.assay.family;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Places told from Hugging Face names alone, with any prefix, whatever the family: the modules of
 * the families that run, and those of others that many networks share. In any other network the
 * layer is the first number in the name and every matrix is a site of its own.
 */
final class CommonNames {
  static final String WEIGHT = ".weight";

  /** A block: a list of layers and an index into it. The first such pair in a name counts. */
  private static final Pattern BLOCK =
      Pattern.compile("((?:.*?\\.)?(?:layer|layers|h|block|blocks)\\.(\\d{1,9}))\\.(.+)");

  private static final Pattern NUMBERED = Pattern.compile("(?:.*?\\.)?(\\d{1,9})\\.(.+)");

  /** Attention over another sequence's hidden states, which key and value read. */
  private static final Set<String> CROSSED = Set.of("crossattention", "encoder_attn");

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

  /** A module of a block: its site within the block and its role there. */
  private record Module(String site, Role role) {}

  /** Rest of a name behind its block → what it is. */
  private static final Map<String, Module> KNOWN = known();

  private CommonNames() {}

  private static Map<String, Module> known() {
    Map<String, Module> known = new HashMap<>();
    for (Architecture family : Families.all()) {
      Blocks blocks = family.anatomy().blocks();
      blocks
          .linears()
          .forEach((role, module) -> known.put(module, new Module(blocks.site(role), role)));
    }
    // ViT
    attention(known, "attention", "attention.attention.", "query", "key", "value");
    // Decoders of BERT's kind, and of BART's
    attention(known, "crossattention", "crossattention.self.", "query", "key", "value");
    known.put("crossattention.output.dense", new Module("crossattention", Role.OUTPUT));
    attention(known, "encoder_attn", "encoder_attn.", "q_proj", "k_proj", "v_proj");
    known.put("encoder_attn.out_proj", new Module("encoder_attn", Role.OUTPUT));
    // Phi, OPT, BART, CLIP: Llama's query, key and value with other neighbours
    known.put("self_attn.qkv_proj", new Module("self_attn", Role.QKV));
    known.put("self_attn.out_proj", new Module("self_attn", Role.OUTPUT));
    known.put("self_attn.dense", new Module("self_attn", Role.OUTPUT));
    known.put("mlp.gate_up_proj", new Module("mlp", Role.GATE_UP));
    known.put("mlp.fc1", new Module("mlp", Role.UP));
    known.put("mlp.fc2", new Module("mlp", Role.DOWN));
    known.put("fc1", new Module("mlp", Role.UP));
    known.put("fc2", new Module("mlp", Role.DOWN));
    // GPT-NeoX, BLOOM, Falcon
    for (String site : new String[] {"attention", "self_attention"}) {
      known.put(site + ".query_key_value", new Module(site, Role.QKV));
      known.put(site + ".dense", new Module(site, Role.OUTPUT));
    }
    known.put("mlp.dense_h_to_4h", new Module("mlp", Role.UP));
    known.put("mlp.dense_4h_to_h", new Module("mlp", Role.DOWN));
    return Map.copyOf(known);
  }

  private static void attention(
      Map<String, Module> known, String site, String before, String... modules) {
    Role[] roles = {Role.QUERY, Role.KEY, Role.VALUE};
    for (int i = 0; i < roles.length; i++) {
      known.put(before + modules[i], new Module(site, roles[i]));
    }
  }

  /** A linear of a block, found by its name. */
  record Found(String block, int layer, String site, Role role) {
    Place place() {
      String name = block + '.' + site;
      return new Place(layer, name, role.id(), name + input());
    }

    private String input() {
      return switch (role) {
        case KEY, VALUE -> CROSSED.contains(site) ? ".memory" : ".input";
        case OUTPUT, DOWN -> "." + role.id() + ".input";
        default -> ".input";
      };
    }
  }

  /** The linear of a block that {@code tensorName} is the weight of. */
  static Optional<Found> find(String tensorName) {
    Matcher block = BLOCK.matcher(stem(tensorName));
    if (!block.matches()) {
      return Optional.empty();
    }
    return Optional.ofNullable(KNOWN.get(block.group(3)))
        .map(
            module ->
                new Found(
                    block.group(1),
                    Integer.parseInt(block.group(2)),
                    module.site(),
                    module.role()));
  }

  /** Places a tensor. */
  static Place place(String tensorName) {
    return find(tensorName).map(Found::place).orElseGet(() -> alone(stem(tensorName)));
  }

  private static Place alone(String name) {
    Matcher numbered = NUMBERED.matcher(name);
    int layer = numbered.matches() ? Integer.parseInt(numbered.group(1)) : -1;
    String last = name.substring(name.lastIndexOf('.') + 1);
    String input = (name.endsWith("." + last) ? name : name + "." + last) + ".input";
    return new Place(layer, name, last, input);
  }

  /** Whether a name is one of a linear inside a block. */
  static boolean isBlockLinear(String tensorName) {
    if (find(tensorName).isPresent()) {
      return true;
    }
    String name = stem(tensorName);
    Matcher numbered = NUMBERED.matcher(name);
    return tensorName.endsWith(WEIGHT)
        && numbered.matches()
        && numbered.start(1) > 0
        && !NO_LINEAR.matcher(name.toLowerCase(Locale.ROOT)).matches()
        && Arrays.stream(name.split("\\.", -1)).noneMatch(OUTSIDE::contains);
  }

  static String stem(String tensorName) {
    return tensorName.endsWith(WEIGHT)
        ? tensorName.substring(0, tensorName.length() - WEIGHT.length())
        : tensorName;
  }
}
