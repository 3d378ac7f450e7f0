package dev.assay.family;

import java.io.Serializable;

/**
 * Where a matrix stands in its network.
 *
 * @param layer index of its block, −1 where it is in none
 * @param site name of the site: {@code encoder.layer.3.attention}, {@code model.layers.0.mlp}
 * @param role id of its {@link Role} in the site; in a network that is not known, the last part of
 *     its name
 * @param input name of what it reads: equal for the matrices that read the same, query, key and
 *     value or gate and up, and for them alone
 */
public record Place(int layer, String site, String role, String input) implements Serializable {}
