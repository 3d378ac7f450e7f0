package dev.assay.stats;

/** Magnitudes of channels are asked for in a basis that nothing is known of. */
public final class UnknownChannelsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnknownChannelsException() {
    super(
        "The magnitudes of the input's channels in another basis come from tokens that were kept,"
            + " and none were; set calibration.rows above 0, or supply statistics with rows");
  }
}
