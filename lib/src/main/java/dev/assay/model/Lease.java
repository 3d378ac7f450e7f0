package dev.assay.model;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who holds native memory and frees it when the last lets go, so that closing a model while
 * another thread computes with it is safe. Created held once, by its owner.
 */
final class Lease {
  private final AtomicInteger holders = new AtomicInteger(1);
  private final Runnable free;

  Lease(Runnable free) {
    this.free = free;
  }

  /**
   * @throws IllegalStateException if everything was freed already
   */
  void hold(String what) {
    if (holders.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
      throw new IllegalStateException(what + " is closed");
    }
  }

  void release() {
    if (holders.decrementAndGet() == 0) {
      free.run();
    }
  }
}
