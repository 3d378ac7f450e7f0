package dev.assay.jobs.steps;

/** Where progress is shown. */
final class Terminal {
  private Terminal() {}

  /** Whether standard error is a terminal, as submit.sh found it; Java itself cannot tell. */
  static boolean isThere() {
    return "1".equals(System.getenv("ASSAY_TERMINAL"));
  }
}
