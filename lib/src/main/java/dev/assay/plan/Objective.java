package dev.assay.plan;

import java.util.Locale;

/** What an allocation makes small: a sum over units, which treats all of them alike. */
public enum Objective {
  /** Σ ‖W−Ŵ‖² / ‖W‖², of the weights themselves. */
  WEIGHT_ERROR,
  /** Σ ‖(W−Ŵ)X‖² / ‖WX‖², of the linears' outputs on the calibration tokens X. */
  OUTPUT_ERROR;

  /** The name in configuration and tables. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
