package dev.assay.checkpoint;

import dev.assay.family.Families;
import dev.assay.family.Family;

/**
 * Where a matrix sits in its network, told from its name alone; {@link dev.assay.family.Place} with
 * a family tells it better.
 *
 * @param layer index of its block, −1 where it is in none
 * @param site name of the site
 * @param matrix its role in the site
 * @param input name of the input that it reads
 */
public record Place(int layer, String site, String matrix, String input) {
  private static final Family ANY = Families.of(Families.UNKNOWN);

  /** Places the tensor called {@code tensorName}. */
  public static Place of(String tensorName) {
    dev.assay.family.Place place = ANY.place(tensorName);
    return new Place(place.layer(), place.site(), place.role(), place.input());
  }

  /** Whether a sweep compresses the tensor unless told otherwise. */
  public static boolean isBlockLinear(String tensorName) {
    return ANY.isBlockLinear(tensorName);
  }
}
