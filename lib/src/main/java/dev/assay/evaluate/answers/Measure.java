package dev.assay.evaluate.answers;

import java.util.OptionalInt;

/**
 * A metric of one model on one data set.
 *
 * @param metric what was measured
 * @param value NaN where the metric is undefined
 * @param interval its 95 % interval, undefined where the value is
 * @param n rows
 * @param correct rows whose prediction is the label; empty for scores
 */
public record Measure(Metric metric, double value, Interval interval, int n, OptionalInt correct) {}
