package dev.assay.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tensor of a checkpoint that is no matrix or vector of it: nobody computes with it.
 *
 * @param name its name
 * @param type how its elements are stored, in the words of its format
 * @param shape its dimensions, outermost first
 * @param why what keeps it out
 */
public record LeftOut(String name, String type, List<Long> shape, String why) {
  private static final int NAMED = 2;

  public LeftOut {
    shape = List.copyOf(shape);
  }

  /** A line for every type and reason, with the first names. */
  public static List<String> lines(List<LeftOut> all) {
    Map<String, List<LeftOut>> kinds = new LinkedHashMap<>();
    all.forEach(
        one ->
            kinds
                .computeIfAbsent(one.type() + ": " + one.why(), kind -> new ArrayList<>())
                .add(one));
    List<String> lines = new ArrayList<>();
    kinds.forEach(
        (kind, found) ->
            lines.add(
                String.join(
                        ", ",
                        found.stream()
                            .limit(NAMED)
                            .map(one -> StrictJson.shorten(one.name()) + " " + one.shape())
                            .toList())
                    + (found.size() > NAMED ? " and " + (found.size() - NAMED) + " more" : "")
                    + ", "
                    + kind));
    return lines;
  }

  @Override
  public String toString() {
    return name + " " + shape + ", " + type + ": " + why;
  }
}
