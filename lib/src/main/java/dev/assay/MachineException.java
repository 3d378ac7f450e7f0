package dev.assay;

/**
 * What a machine lacks, such as room for libtorch: an error of the user's where work runs on one
 * machine alone, but in a cluster the same may work on the next.
 */
public final class MachineException extends InputException {
  private static final long serialVersionUID = 1L;

  /**
   * An error about this machine.
   *
   * @param where what could not be set up
   * @param problem what is wrong, with the offending value
   * @param fix what the user can do
   * @param cause for the log
   */
  public MachineException(String where, String problem, String fix, Throwable cause) {
    super(where, problem, fix, cause);
  }
}
