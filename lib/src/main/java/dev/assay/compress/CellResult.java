package dev.assay.compress;

import dev.assay.sweep.Cell;
import java.io.Serializable;

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
   */
  public record Done(LayerMetrics metrics) implements Outcome {}

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
