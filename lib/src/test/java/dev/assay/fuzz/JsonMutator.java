package dev.assay.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** Changes JSON so that it stays JSON, mostly: keys and values where none expects them. */
final class JsonMutator {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Ends a key that is there already, until the text is made. */
  private static final String TWICE = "\uE000";

  private final Mutator mutator;

  JsonMutator(Mutator mutator) {
    this.mutator = mutator;
  }

  /** A place in a tree: a key of an object or an index of an array. */
  private record Spot(JsonNode parent, String key, int index) {
    JsonNode value() {
      return parent.isObject() ? parent.get(key) : parent.get(index);
    }

    void set(JsonNode value) {
      if (parent instanceof ObjectNode object) {
        object.set(key, value);
      } else {
        ((ArrayNode) parent).set(index, value);
      }
    }
  }

  /** One change, sometimes more, of {@code text}, which must be JSON. */
  String change(String text) {
    try {
      JsonNode tree = JSON.readTree(text);
      for (int n = mutator.changes(); n > 0; n--) {
        List<Spot> spots = spots(tree);
        if (!spots.isEmpty()) {
          change(mutator.pick(spots), mutator.pick(spots).value().deepCopy());
        }
      }
      return JSON.writeValueAsString(tree).replace(TWICE, "");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("The corpus must be JSON: " + text, e);
    }
  }

  private static List<Spot> spots(JsonNode tree) {
    List<Spot> spots = new ArrayList<>();
    Deque<JsonNode> open = new ArrayDeque<>(List.of(tree));
    while (!open.isEmpty()) {
      JsonNode node = open.pop();
      for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
        String key = keys.next();
        spots.add(new Spot(node, key, 0));
        open.push(node.get(key));
      }
      for (int i = 0; node.isArray() && i < node.size(); i++) {
        spots.add(new Spot(node, "", i));
        open.push(node.get(i));
      }
    }
    return spots;
  }

  private void change(Spot spot, JsonNode elsewhere) {
    switch (mutator.random().nextInt(9)) {
      case 0 -> remove(spot);
      case 1 -> rename(spot, mutator.token());
      case 2 -> rename(spot, spot.key() + mutator.token());
      case 3 -> repeat(spot);
      case 4 -> spot.set(elsewhere);
      case 5 -> spot.set(wrapped(spot.value()));
      default -> spot.set(strange());
    }
  }

  private static void remove(Spot spot) {
    if (spot.parent() instanceof ObjectNode object) {
      object.remove(spot.key());
    } else {
      ((ArrayNode) spot.parent()).remove(spot.index());
    }
  }

  private static void rename(Spot spot, String name) {
    if (spot.parent() instanceof ObjectNode object) {
      object.set(name, object.remove(spot.key()));
    }
  }

  private static void repeat(Spot spot) {
    if (spot.parent() instanceof ObjectNode object) {
      object.set(spot.key() + TWICE, spot.value());
    } else {
      ((ArrayNode) spot.parent()).insert(spot.index(), spot.value());
    }
  }

  private JsonNode wrapped(JsonNode value) {
    return mutator.random().nextBoolean()
        ? NODES.arrayNode().add(value)
        : NODES.objectNode().set(mutator.token(), value);
  }

  private JsonNode strange() {
    return switch (mutator.random().nextInt(12)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(mutator.random().nextBoolean());
      case 2 -> NODES.textNode("");
      case 3 -> NODES.arrayNode();
      case 4 -> NODES.objectNode();
      case 5 -> raw("\"\\ud800\"");
      case 6 -> NODES.textNode("x".repeat(1 << mutator.random().nextInt(14)));
      case 7 -> nested();
      case 8, 9 -> NODES.textNode(mutator.token());
      default -> raw(mutator.extreme());
    };
  }

  private JsonNode nested() {
    int depth = 1 << mutator.random().nextInt(13);
    return mutator.random().nextBoolean()
        ? raw("[".repeat(depth) + "]".repeat(depth))
        : raw("{\"a\":".repeat(depth) + "0" + "}".repeat(depth));
  }

  private static JsonNode raw(String text) {
    return NODES.rawValueNode(new RawValue(text));
  }
}
