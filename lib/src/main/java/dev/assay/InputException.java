package dev.assay;

import java.util.Locale;

/**
 * The one error for bad input: a file, a configuration or a command that Assay cannot work with.
 *
 * <p>A message names what is wrong where (file, tensor, key), the offending value, and what to do
 * about it, in a few printable lines. Commands print the message alone, without a stack trace, and
 * exit with status 2.
 */
public sealed class InputException extends RuntimeException permits MachineException {
  private static final long serialVersionUID = 1L;

  /** Characters of each part of a message; lists of choices are the longest. */
  private static final int LONGEST = 800;

  private static final int MOST_LINES = 5;

  /**
   * An error about one thing the user gave.
   *
   * @param where the file, key or argument at fault
   * @param problem what is wrong with it, with the offending value
   * @param fix what the user can do
   */
  public InputException(String where, String problem, String fix) {
    super(message(where, problem, fix));
  }

  /** An error whose cause is worth keeping for the log. */
  public InputException(String where, String problem, String fix, Throwable cause) {
    super(message(where, problem, fix), cause);
  }

  private static String message(String where, String problem, String fix) {
    return shown(where) + ": " + shown(problem) + ". " + shown(fix);
  }

  /**
   * What a file holds may be of any length and of any characters, and may be meant to: a message is
   * a few lines that do nothing to a terminal.
   */
  private static String shown(String text) {
    boolean lines = text.lines().limit(MOST_LINES + 1L).count() <= MOST_LINES;
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (shown.length() >= LONGEST) {
        return shown.append("…").toString();
      }
      char c = text.charAt(i);
      if (Character.isISOControl(c) && !(c == '\n' && lines)) {
        shown.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.toString();
  }
}
