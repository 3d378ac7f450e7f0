package dev.assay.jobs;

import dev.assay.jobs.run.Tally;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.plan.Changes;
import dev.assay.plan.Plan;
import dev.assay.plan.SweepSettings;
import dev.assay.recipe.NamedRecipe;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What differs from the configuration used last, for people. */
final class ChangesReport {
  private static final int SHOWN = 40;

  private final Changes changes;
  private final Plan plan;
  private final Progress progress;
  private final SweepSettings settings;

  ChangesReport(Changes changes, Plan plan, Progress progress, SweepSettings settings) {
    this.changes = changes;
    this.plan = plan;
    this.progress = progress;
    this.settings = settings;
  }

  void print(PrintStream out) {
    if (changes.none()) {
      out.println("changes    none since the last run");
      return;
    }
    out.println("changes    since the last run");
    changes.keys().forEach(change -> out.println("  " + change));
    changes.unreadable().ifPresent(why -> out.println("  recipes: those of before: " + why));
    print("+ ", changes.added().stream().map(NamedRecipe::label).toList(), out);
    print("- ", changes.removed(), out);
  }

  /** How many cells are new because of what was changed. */
  void printCells(PrintStream out) {
    if (changes.none()) {
      return;
    }
    Set<String> added =
        changes.added().stream().map(NamedRecipe::label).collect(Collectors.toSet());
    long ofAdded = fresh(plan.where(cell -> added.contains(cell.recipe().label())));
    long others = fresh(plan) - ofAdded;
    out.printf(Locale.ROOT, "  %,d new cells of added recipes, %,d of others%n", ofAdded, others);
  }

  private long fresh(Plan part) {
    return Tally.of(part, progress, settings.retry()).fresh();
  }

  private static void print(String sign, List<String> labels, PrintStream out) {
    labels.stream().limit(SHOWN).forEach(label -> out.println("  " + sign + label));
    if (labels.size() > SHOWN) {
      out.printf(Locale.ROOT, "  %s%,d more%n", sign, labels.size() - SHOWN);
    }
  }
}
