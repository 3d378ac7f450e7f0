package dev.assay.plan.allocate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The multiple-choice knapsack: of every unit one choice, the bytes of all within a budget, the sum
 * of their losses least.
 *
 * <p>First the Lagrangian: for a price λ per byte each unit takes the choice with the least loss +
 * λ·bytes, and Σ min(loss + λ·bytes) − λ·budget bounds every allocation's loss from below; the
 * price with the highest bound is found exactly, among those at which some unit changes its mind,
 * by bisection. Then a dynamic programme over units with that price as its bound: of two partial
 * allocations the one that neither stores less nor loses less is dropped, as is any that with the
 * remaining units' least cost loses more than the best allocation known. What is left at the end is
 * the optimum, of equal ones that with the fewest bytes, then with the earliest choices. Where more
 * than 2¹⁸ partial allocations would have to be kept, the best one known is returned with the
 * Lagrangian's bound, its distance from which is its gap.
 *
 * <p>Kellerer, Pferschy, Pisinger, Knapsack Problems (2004), chapter 11. Deterministic.
 */
public final class Knapsack {
  private static final int STATES = 1 << 18;

  /** Relative: sums of losses in another order are equal to this. */
  private static final double ROUNDING = 1e-12;

  private final List<List<Choice>> units;
  private final long budget;
  private final int limit;

  private Knapsack(List<List<Choice>> units, long budget, int limit) {
    this.units = units.stream().map(Knapsack::undominated).toList();
    this.budget = budget;
    this.limit = limit;
  }

  /**
   * Solves it.
   *
   * @param units the choices of every unit, at least one of each
   * @param budget bytes that may be stored
   * @return nothing if even the smallest choices store more
   */
  public static Optional<Allocation> solve(List<List<Choice>> units, long budget) {
    return solve(units, budget, STATES);
  }

  static Optional<Allocation> solve(List<List<Choice>> units, long budget, int limit) {
    return new Knapsack(units, budget, limit).solve();
  }

  /** The choices that no other beats in both bytes and loss, by bytes. */
  private static List<Choice> undominated(List<Choice> choices) {
    List<Choice> sorted = new ArrayList<>(choices);
    sorted.sort(Comparator.comparingLong(Choice::bytes).thenComparingDouble(Choice::loss));
    List<Choice> kept = new ArrayList<>();
    for (Choice choice : sorted) {
      if (kept.isEmpty() || choice.loss() < kept.get(kept.size() - 1).loss()) {
        kept.add(choice);
      }
    }
    return kept;
  }

  private Optional<Allocation> solve() {
    List<Choice> smallest = units.stream().map(of -> of.get(0)).toList();
    if (bytes(smallest) > budget) {
      return Optional.empty();
    }
    double price = price();
    double bound = bound(price);
    List<Choice> known = filled(price);
    double slack = ROUNDING * (Allocation.loss(known) + price * budget);
    if (Allocation.loss(known) <= bound + slack) {
      return Optional.of(new Allocation(known, Allocation.loss(known)));
    }
    return Optional.of(
        exact(price, Allocation.loss(known) + slack)
            .map(best -> new Allocation(best, Allocation.loss(best)))
            .orElseGet(() -> new Allocation(known, bound)));
  }

  /** The least price at which what units take is within the budget; there the bound is highest. */
  private double price() {
    if (bytes(taken(0)) <= budget) {
      return 0;
    }
    double[] prices =
        units.stream().flatMapToDouble(of -> Arrays.stream(turns(of))).sorted().toArray();
    int low = 0;
    int high = prices.length - 1; // beyond the highest all units take the smallest
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bytes(taken(prices[middle])) <= budget) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return prices[low];
  }

  /** The prices at which a unit changes from one choice on its lower convex hull to the next. */
  private static double[] turns(List<Choice> choices) {
    List<Choice> hull = new ArrayList<>();
    for (Choice choice : choices) {
      while (hull.size() > 1
          && slope(hull.get(hull.size() - 1), choice)
              >= slope(hull.get(hull.size() - 2), hull.get(hull.size() - 1))) {
        hull.remove(hull.size() - 1);
      }
      hull.add(choice);
    }
    double[] turns = new double[hull.size() - 1];
    for (int i = 0; i < turns.length; i++) {
      turns[i] = slope(hull.get(i), hull.get(i + 1));
    }
    return turns;
  }

  /** Loss that a byte saves on the way from one choice to a larger one. */
  private static double slope(Choice smaller, Choice larger) {
    return (smaller.loss() - larger.loss()) / (larger.bytes() - smaller.bytes());
  }

  /** What units take at a price, the smaller of equally dear ones. */
  private List<Choice> taken(double price) {
    return units.stream().map(of -> cheapest(of, price)).toList();
  }

  private static Choice cheapest(List<Choice> choices, double price) {
    Choice best = choices.get(0);
    for (Choice choice : choices) {
      // By differences, so that a turn computed from the same two is met exactly.
      if (choice.bytes() > best.bytes() && slope(best, choice) > price) {
        best = choice;
      }
    }
    return best;
  }

  private double bound(double price) {
    double sum = 0;
    for (Choice choice : taken(price)) {
      sum += choice.loss() + price * choice.bytes();
    }
    return Math.max(0, sum - price * budget);
  }

  /** What units take at a price, and what is left of the budget spent where a byte saves most. */
  private List<Choice> filled(double price) {
    List<Choice> chosen = new ArrayList<>(taken(price));
    if (bytes(chosen) > budget) {
      // Rounding: of points on a line the middle one may look dearer than the way past it.
      chosen = new ArrayList<>(units.stream().map(of -> of.get(0)).toList());
    }
    long left = budget - bytes(chosen);
    while (true) {
      int at = -1;
      Choice better = null;
      for (int i = 0; i < chosen.size(); i++) {
        for (Choice choice : units.get(i)) {
          long more = choice.bytes() - chosen.get(i).bytes();
          boolean fits = more > 0 && more <= left;
          if (fits && (at < 0 || slope(chosen.get(i), choice) > slope(chosen.get(at), better))) {
            at = i;
            better = choice;
          }
        }
      }
      if (at < 0) {
        return chosen;
      }
      left -= better.bytes() - chosen.get(at).bytes();
      chosen.set(at, better);
    }
  }

  /** A partial allocation: the choice of the last unit, and what was chosen before. */
  private record Partial(Partial before, int choice, long bytes, double loss) {}

  /** Dynamic programme; nothing if it has more partial allocations than it may keep. */
  private Optional<List<Choice>> exact(double price, double best) {
    double[] rest = new double[units.size() + 1];
    long[] least = new long[units.size() + 1];
    for (int i = units.size() - 1; i >= 0; i--) {
      Choice cheapest = cheapest(units.get(i), price);
      rest[i] = rest[i + 1] + cheapest.loss() + price * cheapest.bytes();
      least[i] = least[i + 1] + units.get(i).get(0).bytes();
    }
    List<Partial> partials = List.of(new Partial(null, -1, 0, 0));
    for (int i = 0; i < units.size(); i++) {
      List<Partial> grown = new ArrayList<>();
      for (Partial partial : partials) {
        List<Choice> choices = units.get(i);
        for (int c = 0; c < choices.size(); c++) {
          long bytes = partial.bytes() + choices.get(c).bytes();
          double loss = partial.loss() + choices.get(c).loss();
          if (bytes + least[i + 1] <= budget
              && loss + rest[i + 1] - price * (budget - bytes) <= best) {
            grown.add(new Partial(partial, c, bytes, loss));
          }
        }
        if (grown.size() > 4L * limit) { // bounds what is held, not only what is kept
          grown = undominatedPartials(grown);
          if (grown.size() > limit) {
            return Optional.empty();
          }
        }
      }
      partials = undominatedPartials(grown);
      if (partials.size() > limit) {
        return Optional.empty();
      }
    }
    return partials.stream()
        .min(Comparator.comparingDouble(Partial::loss).thenComparingLong(Partial::bytes))
        .map(this::choices);
  }

  private static List<Partial> undominatedPartials(List<Partial> partials) {
    partials.sort(Comparator.comparingLong(Partial::bytes).thenComparingDouble(Partial::loss));
    List<Partial> kept = new ArrayList<>();
    for (Partial partial : partials) {
      if (kept.isEmpty() || partial.loss() < kept.get(kept.size() - 1).loss()) {
        kept.add(partial);
      }
    }
    return kept;
  }

  private List<Choice> choices(Partial last) {
    Choice[] chosen = new Choice[units.size()];
    Partial partial = last;
    for (int i = chosen.length - 1; i >= 0; i--) {
      chosen[i] = units.get(i).get(partial.choice());
      partial = partial.before();
    }
    return List.of(chosen);
  }

  private static long bytes(List<Choice> chosen) {
    return chosen.stream().mapToLong(Choice::bytes).sum();
  }
}
