package dev.assay;

/**
 * The one error for bad input: a file, a configuration or a command that Assay cannot work with.
 *
 * <p>A message names what is wrong where (file, tensor, key), the offending value, and what to do
 * about it. Commands print the message alone, without a stack trace, and exit with status 2.
 */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An error about one thing the user gave.
   *
   * @param where the file, key or argument at fault
   * @param problem what is wrong with it, with the offending value
   * @param fix what the user can do
   */
  public InputException(String where, String problem, String fix) {
    super(where + ": " + problem + ". " + fix);
  }

  /** An error whose cause is worth keeping for the log. */
  public InputException(String where, String problem, String fix, Throwable cause) {
    super(where + ": " + problem + ". " + fix, cause);
  }
}
