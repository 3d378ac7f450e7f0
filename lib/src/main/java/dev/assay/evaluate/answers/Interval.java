package dev.assay.evaluate.answers;

import java.io.Serializable;

/**
 * A two-sided 95 % interval.
 *
 * @param low lower end, NaN where undefined
 * @param high upper end, NaN where undefined
 */
public record Interval(double low, double high) implements Serializable {
  /** Of a measure that has no value. */
  public static final Interval UNDEFINED = new Interval(Double.NaN, Double.NaN);
}
