package dev.assay.recipe.solve;

import dev.assay.config.Settings;
import dev.assay.linalg.InverseRoot;
import dev.assay.part.Granularity;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.ValueType;
import dev.assay.recipe.Work;
import dev.assay.recipe.protect.Protect;
import dev.assay.recipe.quantize.Clip;
import dev.assay.recipe.quantize.Keep;
import dev.assay.recipe.quantize.Quantizer;
import dev.assay.recipe.quantize.Quantizers;
import dev.assay.recipe.quantize.UniformQuantizer;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Rounds or prunes column by column and makes up for the error of each in the columns not reached
 * yet, so that ‖(W − Ŵ)X‖² stays small: the optimal brain surgeon in GPTQ's order
 * (arXiv:2210.17323), with SpQR's outliers (arXiv:2306.03078) and SparseGPT's pruning
 * (arXiv:2301.00774) as choices within the same loop.
 *
 * <p>With e the errors, each divided by Uⱼⱼ, Σe² = tr((W − Ŵ)·H·(W − Ŵ)ᵀ) of the damped H, exactly.
 * What {@link Protect} settled keeps its full precision and takes part in the compensation, so what
 * is stored is its value when the walk reaches it; what was pruned stays 0 and is compensated.
 *
 * <p>Cost: 2n³/3 operations for U, once per input, damping and order, and out·n² for the loop, most
 * of them in BLAS. Deterministic.
 *
 * @param quantize the grid of what is left; empty where values are kept as they are
 * @param sparsity what is pruned; empty for nothing
 * @param values what unquantized values are stored in, where something is pruned and nothing
 *     quantized
 * @param outliers what is kept out of the grid; empty for nothing
 * @param damping share of the mean of H's diagonal that is added to it, 0 or more; raised tenfold,
 *     as often as it takes, where H is not positive definite
 * @param order in which columns are settled
 * @param groups what the scales of groups are fitted to
 * @param block columns between two updates of all columns behind them, and the columns over which
 *     {@link Sparsity.Share} is counted; it changes speed, but not the result, of everything else
 */
public record Solve(
    Optional<Quantizer> quantize,
    Optional<Sparsity> sparsity,
    ValueType values,
    Optional<Outliers> outliers,
    double damping,
    Order order,
    Groups groups,
    int block)
    implements Stage {

  /** In which order columns are settled. */
  public enum Order {
    /** As they come. */
    NATURAL,
    /** Those with the largest Σx² first (GPTQ's act-order). */
    ACTIVATION
  }

  /** What the scales of groups of columns are fitted to; rows and tensors start with all of W. */
  public enum Groups {
    /** Neighbouring columns of the weight as it was before the walk. */
    STATIC,
    /**
     * Columns that are neighbours in the walk, when it reaches them, every error so far made up
     * for. (In the authors' GPTQ, groups smaller than a block miss the errors of their own block.)
     */
    UPDATED
  }

  /** Checks that the choices go together. */
  public Solve {
    if (quantize.isEmpty() && sparsity.isEmpty()) {
      throw new UnfitException("Stage 'solve' has nothing to do; give it quantize, prune, or both");
    }
    if (quantize.isPresent() && values != ValueType.SOURCE) {
      throw new UnfitException(
          "value-type = " + values.label() + " means nothing where all that is left is quantized");
    }
    if (outliers.isPresent() && quantize.isEmpty()) {
      throw new UnfitException("Outliers are kept out of a grid; give stage 'solve' quantize too");
    }
    if (outliers.isPresent()
        && !(quantize.get() instanceof UniformQuantizer uniform
            && uniform.clip() instanceof Clip.AbsMax)) {
      throw new UnfitException(
          "Outliers are found by refitting the range of uniform levels; use clip = absmax");
    }
    if (sparsity.isPresent() && sparsity.get() instanceof Sparsity.Pattern pattern) {
      checkPattern(pattern, quantize, order, groups, block);
    }
  }

  private static void checkPattern(
      Sparsity.Pattern pattern,
      Optional<Quantizer> quantize,
      Order order,
      Groups groups,
      int block) {
    if (order != Order.NATURAL) {
      throw new UnfitException(
          "A pattern is of neighbouring columns and is chosen as they come; use order = natural");
    }
    if (block % pattern.of() != 0) {
      throw new UnfitException(
          "block = " + block + " cuts the pattern's " + pattern.of() + " columns; use a multiple");
    }
    if (groups == Groups.UPDATED
        && quantize.isPresent()
        && quantize.get().granularity() instanceof Granularity.Group group
        && group.size() % pattern.of() != 0) {
      throw new UnfitException(
          "granularity = "
              + group
              + " cuts the pattern's "
              + pattern.of()
              + " columns; use a multiple, or groups = static");
    }
  }

  /** Reads the stage from its block; where it prunes nothing and quantizes nothing, keep. */
  public static Stage read(Settings settings) {
    record Pruning(Optional<Sparsity> sparsity, ValueType values) {}
    Optional<Pruning> prune =
        settings.block(
            "prune",
            block ->
                new Pruning(
                    Sparsity.read(block),
                    block.choice("value-type", ValueType.class, ValueType.SOURCE)));
    Optional<Quantizer> quantize = settings.block("quantize", Quantizers::read);
    Optional<Sparsity> sparsity = prune.flatMap(Pruning::sparsity);
    ValueType values = prune.map(Pruning::values).orElse(ValueType.SOURCE);
    Optional<Outliers> outliers = settings.block("outliers", Outliers::read).flatMap(kept -> kept);
    double damping = settings.number("damping", 0.01, 0, 1e3);
    Order order = settings.choice("order", Order.class, Order.NATURAL);
    Groups groups = settings.choice("groups", Groups.class, Groups.UPDATED);
    int block = settings.integer("block", 128, 1, 1 << 20);
    if (prune.isPresent() && sparsity.isEmpty() && quantize.isEmpty()) {
      return new Keep(values); // nothing is pruned, so there is no error to make up for
    }
    return new Solve(quantize, sparsity, values, outliers, damping, order, groups, block);
  }

  @Override
  public String name() {
    return "solve";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    Optional<float[]> importance =
        quantize.flatMap(quantizer -> quantizer.importance(state, knowledge));
    return new ColumnLoop(this, state, importance, curvature(state, knowledge)).run().state();
  }

  /** Shared by all cells in the input's own basis; others would only fill the memory. */
  private Curvature curvature(State state, Knowledge knowledge) {
    Curvature.Key key = new Curvature.Key(damping, order);
    Curvature curvature =
        state.basis().isEmpty()
            ? knowledge.once(key, () -> curvature(state, knowledge, key))
            : curvature(state, knowledge, key);
    InverseRoot root = curvature.root();
    if (root.raised() > 0) {
      knowledge.note(
          "Damping raised from "
              + damping
              + " to "
              + root.damping()
              + " to make the Hessian positive definite");
    }
    return curvature;
  }

  private static Curvature curvature(State state, Knowledge knowledge, Curvature.Key key) {
    return Curvature.of(state.statistics(knowledge).hessian(), key);
  }

  @Override
  public Outline plan(Outline before) {
    if (outliers.isPresent() && before.frozen()) {
      throw new UnfitException(
          "Stage 'solve' with outliers protects entries itself; nothing can be protected before");
    }
    quantize.ifPresent(quantizer -> quantizer.plan(before));
    return before.completed();
  }

  @Override
  public Set<Need> needs() {
    Set<Need> needs = EnumSet.of(Need.STATISTICS);
    quantize.ifPresent(quantizer -> needs.addAll(quantizer.needs()));
    return needs;
  }

  @Override
  public Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>();
    map.put("version", 2);
    quantize.ifPresent(grid -> map.put("quantize", grid.canonical()));
    sparsity.ifPresent(pruned -> map.put("prune", pruned.canonical()));
    if (quantize.isEmpty()) {
      map.put("value-type", values.label());
    }
    outliers.ifPresent(kept -> map.put("outliers", kept.canonical()));
    map.put("damping", damping);
    map.put("order", order.name().toLowerCase(Locale.ROOT));
    if (quantize.isPresent() && quantize.get().granularity() instanceof Granularity.Group) {
      map.put("groups", groups.name().toLowerCase(Locale.ROOT));
    }
    map.put("block", block);
    return map;
  }

  @Override
  public Map<String, Number> columns(int rows, int cols) {
    Map<String, Number> columns = new TreeMap<>();
    quantize.ifPresent(quantizer -> columns.putAll(quantizer.columns()));
    sparsity.ifPresent(pruned -> columns.put("sparsity", pruned.share()));
    return columns;
  }

  @Override
  public void check(int rows, int cols) {
    if (sparsity.isPresent()
        && sparsity.get() instanceof Sparsity.Pattern pattern
        && cols < pattern.of()) {
      throw new UnfitException(
          "A pattern of " + pattern.of() + " neighbours does not fit rows of " + cols);
    }
    if (outliers.isEmpty()) {
      return;
    }
    if (rows < 2) {
      throw new UnfitException(
          "The threshold of outliers is relative to variances over output rows, and there is "
              + rows);
    }
    Protect.checkColumns(outliers.get().indices(), cols);
  }

  @Override
  public Work work(int rows, int cols) {
    double size = (double) rows * cols;
    double fit = quantize.map(grid -> grid.work(rows, cols).scalar()).orElse(0.0);
    return new Work(size * cols + 2.0 / 3 * cols * cols * cols, fit + size * (20 + block / 4.0));
  }

  /** {@code Optional} cannot be serialized, so what travels to executors says it otherwise. */
  private Object writeReplace() {
    return new Serial(
        quantize.stream().toList(),
        sparsity.stream().toList(),
        values,
        outliers.stream().toList(),
        damping,
        order,
        groups,
        block);
  }

  private record Serial(
      List<Quantizer> quantize,
      List<Sparsity> sparsity,
      ValueType values,
      List<Outliers> outliers,
      double damping,
      Order order,
      Groups groups,
      int block)
      implements Serializable {
    private Object readResolve() {
      return new Solve(
          quantize.stream().findFirst(),
          sparsity.stream().findFirst(),
          values,
          outliers.stream().findFirst(),
          damping,
          order,
          groups,
          block);
    }
  }
}
