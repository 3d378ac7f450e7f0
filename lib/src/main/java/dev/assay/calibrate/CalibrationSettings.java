package dev.assay.calibrate;

import dev.assay.task.Split;
import java.io.Serializable;

/**
 * What the statistics of a model's inputs are made from.
 *
 * @param use whether they are made
 * @param task whose texts the model reads: a GLUE task, {@code paraphrase}, or {@link #TEXT}
 * @param data path of the folder with the task's files, or of the text file
 * @param split which part of a GLUE task
 * @param sequences how many texts are drawn
 * @param maxLength longest text in tokens; 0 for what the model can take
 * @param rows how many tokens of every input are kept
 * @param window how many layers are calibrated at a time
 * @param supplied path of a folder with statistics of the user's own; empty where there is none
 */
public record CalibrationSettings(
    Use use,
    String task,
    String data,
    Split split,
    int sequences,
    int maxLength,
    int rows,
    int window,
    String supplied)
    implements Serializable {
  /** The task that is a plain text file, one text a line. */
  public static final String TEXT = "text";

  /** Whether statistics are made. */
  public enum Use {
    /** Where a recipe needs them. */
    AUTO,
    /** In any case, so that output errors are measured. */
    ALWAYS,
    /** Not at all. */
    NEVER
  }

  /**
   * Whether there are to be statistics.
   *
   * @param needed whether a recipe needs them
   */
  public boolean wanted(boolean needed) {
    return use == Use.ALWAYS || (use == Use.AUTO && (needed || !supplied.isEmpty()));
  }
}
