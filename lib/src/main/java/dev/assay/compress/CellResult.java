package dev.assay.compress;

import dev.assay.plan.Cell;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * What became of a cell.
 *
 * @param cell which
 * @param outcome metrics, or why there are none
 * @param seconds time spent on it
 */
public record CellResult(Cell cell, Outcome outcome, double seconds) implements Serializable {
  /** Done or failed. */
  public sealed interface Outcome extends Serializable {}

  /**
   * The cell is done.
   *
   * @param metrics its error and size
   * @param output its error on the calibration tokens; null without calibration, see {@link
   *     #outputError}
   * @param notes what had to be done that the recipe does not say, mostly nothing
   */
  public record Done(LayerMetrics metrics, OutputError output, List<String> notes)
      implements Outcome {
    /** Copies the notes. */
    public Done {
      notes = List.copyOf(notes);
    }

    /** Its error on the calibration tokens. */
    public Optional<OutputError> outputError() {
      return Optional.ofNullable(output);
    }
  }

  /**
   * The cell failed, and would fail again.
   *
   * @param errorClass simple name of the exception
   * @param message what went wrong
   */
  public record Failed(String errorClass, String message) implements Outcome {
    /** The failure that an exception stands for. */
    public static Failed of(RuntimeException e) {
      return new Failed(e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
    }
  }
}
