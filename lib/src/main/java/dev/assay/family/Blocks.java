package dev.assay.family;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Names within the blocks of a family, all of them alike.
 *
 * @param list what stands before a block's number: {@code encoder.layer}
 * @param order where the norms stand
 * @param attention name of attention's site
 * @param linears the modules of a block, by role
 * @param attentionNorm the norm of attention
 * @param feedForwardNorm the norm of the feed-forward layer
 */
public record Blocks(
    String list,
    Order order,
    String attention,
    Map<Role, String> linears,
    String attentionNorm,
    String feedForwardNorm) {
  /** Name of the feed-forward layer's site, in every family. */
  static final String FEED_FORWARD = "mlp";

  public Blocks {
    linears = Collections.unmodifiableMap(new EnumMap<>(linears));
  }

  /** Where the norms of a block stand. */
  public enum Order {
    /** Behind the sum with what was before (Vaswani et al., 2017). */
    POST_NORM,
    /** Before attention and the feed-forward layer; the sum stays as it is. */
    PRE_NORM
  }

  /** Name of the site of a linear with a role, within the block. */
  String site(Role role) {
    return role.attends() ? attention : FEED_FORWARD;
  }
}
