package dev.assay.jobs.run;

/** Where progress is shown. */
public final class Terminal {
  private Terminal() {}

  /** Whether standard error is a terminal, as submit.sh found it; Java itself cannot tell. */
  public static boolean isThere() {
    return "1".equals(System.getenv("ASSAY_TERMINAL"));
  }
}
