package dev.assay.config;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A choice with an optional number, as configuration writes it: {@code absmax}, {@code sigma(2.5)}.
 *
 * @param name what stands before the parenthesis
 * @param number what stands in it
 */
public record Call(String name, OptionalDouble number) {
  /** Nothing that a configuration can say. */
  public static final Call NONE = new Call("", OptionalDouble.empty());

  private static final Pattern FORM = Pattern.compile("([a-z][a-z0-9-]*)(?:\\(([^()]+)\\))?");

  /** Reads {@code text}; empty if it is not of this form. */
  public static Optional<Call> parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group(2) == null) {
      return Optional.of(new Call(matcher.group(1), OptionalDouble.empty()));
    }
    try {
      double number = Double.parseDouble(matcher.group(2).strip());
      return Double.isFinite(number)
          ? Optional.of(new Call(matcher.group(1), OptionalDouble.of(number)))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether this is {@code name} without a number. */
  public boolean is(String other) {
    return name.equals(other) && number.isEmpty();
  }

  /** Whether this is {@code name} with a number from {@code least} to {@code most}. */
  public boolean is(String other, double least, double most) {
    return name.equals(other)
        && number.isPresent()
        && number.getAsDouble() >= least
        && number.getAsDouble() <= most;
  }
}
