package dev.assay.jobs;

import dev.assay.jobs.steps.export.ModelExport.Summary;
import java.io.PrintStream;
import java.util.Locale;

/** What an export says when it has ended: what is there, what it is worth, how to load it. */
final class ExportReport {
  private ExportReport() {}

  static void print(Summary summary, PrintStream out) {
    boolean local = "file".equals(summary.directory().toUri().getScheme());
    String path = local ? summary.directory().toUri().getPath() : summary.directory().toString();
    out.println("Wrote " + path);
    out.println("  files: " + String.join(", ", summary.files()));
    out.printf(
        Locale.ROOT,
        "  weights: %,d matrices of %s, rounded once to %s; the other %,d tensors as they were;"
            + " %.1f MB%n",
        summary.matrices(),
        summary.recipe(),
        String.join(" or ", summary.types()),
        summary.tensors() - summary.matrices(),
        summary.bytes() / 1e6);
    out.printf(
        Locale.ROOT,
        "  effective bits per weight: %.3f in these matrices, %.3f over the whole model%n",
        summary.size().effectiveBits(),
        summary.size().modelBits());
    out.println("  read back and compared: every tensor is what it should be");
    out.println(
        "It stores effective weights as dense tensors of their original types: as large as the"
            + " original, and what Transformers loads as it is.");
    if (!summary.local()) {
      out.println("Transformers reads local folders: copy it to one first.");
    }
    out.println("Load it in Python:");
    out.println("  import transformers");
    out.println("  model = transformers." + summary.python());
  }
}
