package dev.assay.family;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Models that are built alike, told apart by {@code model_type}.
 *
 * <p>What can be told of any: where its matrices stand, and which belong together. What only a
 * network that can be run has is {@link Architecture}'s.
 */
public interface Family {

  /** {@code model_type} in {@code config.json}. */
  String type();

  /** Where a tensor stands; what is in no block that is known is a site of its own. */
  default Place place(String tensorName) {
    return CommonNames.place(tensorName);
  }

  /**
   * Whether a name, of a 2-D tensor, is that of the weight of a linear inside a block: what a sweep
   * compresses unless told otherwise. Embeddings, poolers and heads are not.
   */
  default boolean isBlockLinear(String tensorName) {
    return CommonNames.isBlockLinear(tensorName);
  }

  /**
   * The groups that can be decided together among some matrices, by site and kind. A group is there
   * if all of its members are.
   *
   * @param tensorNames names of the matrices to choose from
   */
  default List<Group> groups(Collection<String> tensorNames) {
    Map<String, Map<Role, String>> sites = new TreeMap<>();
    for (String name : tensorNames) {
      CommonNames.find(name)
          .ifPresent(
              found ->
                  sites
                      .computeIfAbsent(found.place().site(), site -> new EnumMap<>(Role.class))
                      .put(found.role(), name));
    }
    List<Group> groups = new ArrayList<>();
    sites.forEach(
        (site, roles) -> {
          String query = roles.get(Role.QUERY);
          String key = roles.get(Role.KEY);
          if (query != null && key != null && reads(query).equals(reads(key))) {
            group(Group.Kind.QUERY_KEY_VALUE, site, query, key, roles.get(Role.VALUE))
                .ifPresent(groups::add);
          }
          group(Group.Kind.VALUE_OUTPUT, site, roles.get(Role.VALUE), roles.get(Role.OUTPUT))
              .ifPresent(groups::add);
          String gate = roles.get(Role.GATE);
          String up = roles.getOrDefault(Role.UP, roles.get(Role.GATE_UP));
          String down = roles.get(Role.DOWN);
          (gate == null
                  ? group(Group.Kind.UP_DOWN, site, up, down)
                  : group(Group.Kind.UP_DOWN, site, gate, up, down))
              .ifPresent(groups::add);
        });
    return groups;
  }

  private String reads(String tensorName) {
    return place(tensorName).input();
  }

  private static Optional<Group> group(Group.Kind kind, String site, String... members) {
    return Stream.of(members).allMatch(Objects::nonNull)
        ? Optional.of(new Group(kind, site, List.of(members)))
        : Optional.empty();
  }

  /** What stands before a linear of a block; empty where that is not known. */
  default Optional<Feed> feed(String tensorName) {
    return Optional.empty();
  }

  /** Whether its safetensors files hold this matrix in × out, as Transformers' Conv1D does. */
  default boolean storesInOut(String tensorName) {
    return false;
  }
}
