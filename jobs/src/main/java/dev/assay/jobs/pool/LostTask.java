package dev.assay.jobs.pool;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why Spark gave up on a task.
 *
 * @param errorClass simple name of what the task last threw; {@code OutOfMemory} where its heap was
 *     full, {@code ExecutorLost} where it took its executor along for another reason
 * @param reason what happened the last time, one line
 * @param host machine of the last attempt
 * @param executor executor of the last attempt
 * @param attempts how often it was tried
 */
public record LostTask(
    String errorClass, String reason, String host, String executor, int attempts) {
  private static final Pattern GAVE_UP =
      Pattern.compile(
          "Task (\\d+) in stage \\S+ failed (\\d+) times?, most recent failure: ([^\\n]*)");

  /** Names the task's place: {@code Lost task 3.1 in stage 7.0 (TID 9) (10.0.0.1 executor 2): }. */
  private static final Pattern PLACE =
      Pattern.compile("^Lost task .*?\\((\\S+) executor (\\S+)\\): (.*)");

  /** A full heap ends the executor with status 52, with or without a word from the task before. */
  private static final Pattern FULL_HEAP =
      Pattern.compile("OutOfMemory|[Ee]xit\\w*( with)?( code| status)[: ]+52\\b");

  /**
   * A task that was given up.
   *
   * @param index its partition
   */
  public record At(int index, LostTask why) {}

  /** Reads what Spark says when it ends a job; empty where that is not one task's failure. */
  public static Optional<At> of(Throwable jobFailed) {
    Matcher found = GAVE_UP.matcher(String.valueOf(jobFailed.getMessage()));
    if (!found.find()) {
      return Optional.empty();
    }
    Matcher place = PLACE.matcher(found.group(3));
    boolean placed = place.matches();
    LostTask lost =
        new LostTask(
            errorClass(found.group(3), jobFailed.getCause()),
            placed ? place.group(3) : found.group(3),
            placed ? place.group(1) : "unknown",
            placed ? place.group(2) : "unknown",
            Integer.parseInt(found.group(2)));
    return Optional.of(new At(Integer.parseInt(found.group(1)), lost));
  }

  private static String errorClass(String reason, Throwable thrown) {
    if (FULL_HEAP.matcher(reason).find()) {
      return "OutOfMemory";
    }
    Throwable root = thrown;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root == null ? "ExecutorLost" : root.getClass().getSimpleName();
  }

  /** The same after more attempts before. */
  LostTask after(int before) {
    return new LostTask(errorClass, reason, host, executor, before + attempts);
  }

  /** What happened and what can be done. */
  public String message() {
    return "Spark gave up after "
        + attempts
        + (attempts == 1 ? " attempt; " : " attempts; ")
        + "the last, on executor "
        + executor
        + " of "
        + host
        + ": "
        + reason
        + ". If it was memory (exit status 52, 137, on YARN 143, or OutOfMemory), give more by"
        + " --executor-memory, with a local master by --driver-memory";
  }
}
