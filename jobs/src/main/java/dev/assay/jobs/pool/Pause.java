package dev.assay.jobs.pool;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A wait of the driver's that an interrupt ends as a failure of what it waits for. */
public final class Pause {
  private Pause() {}

  /**
   * Waits.
   *
   * @param what for what, as it follows on "Interrupted while"
   */
  public static void of(Duration length, String what) throws InterruptedIOException {
    try {
      TimeUnit.NANOSECONDS.sleep(length.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while " + what);
    }
  }
}
