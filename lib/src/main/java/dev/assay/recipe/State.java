package dev.assay.recipe;

import dev.assay.part.BasisChange;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.InputRounding;
import dev.assay.part.Overlay;
import dev.assay.part.Part;
import dev.assay.part.Rebased;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Where a recipe stands on one weight. Immutable: stages make new states.
 *
 * <p>{@code rest} (out × in) is what is still to be represented: the weight less the low-rank parts
 * encoded so far, in the basis that earlier stages chose. Entries that are {@code frozen} are
 * settled, whatever later stages say: protected by an overlay, or pruned.
 */
public final class State {
  private final Matrix weight;
  private final DType stored;
  private final List<BasisChange> basis;
  private final Matrix rest;
  private final BitSet frozen;
  private final BitSet pruned;
  private final List<Part> parts;
  private final Optional<Overlay> overlay;
  private final InputRounding rounding;

  private State(
      Matrix weight,
      DType stored,
      List<BasisChange> basis,
      Matrix rest,
      BitSet frozen,
      BitSet pruned,
      List<Part> parts,
      Optional<Overlay> overlay,
      InputRounding rounding) {
    this.weight = weight;
    this.stored = stored;
    this.basis = basis;
    this.rest = rest;
    this.frozen = frozen;
    this.pruned = pruned;
    this.parts = parts;
    this.overlay = overlay;
    this.rounding = rounding;
  }

  /**
   * Where every recipe begins: all of the weight is to be represented.
   *
   * @param weight W, out × in
   * @param stored the type the checkpoint holds it in
   */
  public static State of(Matrix weight, DType stored) {
    return new State(
        weight,
        stored,
        List.of(),
        weight,
        new BitSet(),
        new BitSet(),
        List.of(),
        Optional.empty(),
        new InputRounding.None());
  }

  /** The weight W itself, out × in, in the basis of {@link #basis}. */
  public Matrix weight() {
    return weight;
  }

  /** The type the checkpoint holds the weight in. */
  public DType stored() {
    return stored;
  }

  /** How the input's basis was changed, first change first. */
  public List<BasisChange> basis() {
    return basis;
  }

  /** What is still to be represented, out × in. Not to be written to. */
  public Matrix rest() {
    return rest;
  }

  /** Whether the entry (row-major index) is settled already. */
  public boolean frozen(int index) {
    return frozen.get(index);
  }

  /** The entries (row-major indices) that are pruned, as a copy. */
  public BitSet pruned() {
    return (BitSet) pruned.clone();
  }

  /** What protects entries, if anything does. */
  public Optional<Overlay> overlay() {
    return overlay;
  }

  /** The entries (row-major indices) that are protected or pruned, as a copy. */
  public BitSet frozen() {
    return (BitSet) frozen.clone();
  }

  /**
   * The statistics of the input, carried into the basis of this state.
   *
   * @throws UnfitException if nothing is known of the input
   */
  public InputStatistics statistics(Knowledge knowledge) {
    InputStatistics statistics = knowledge.statistics();
    if (statistics.width() != weight.cols()) {
      throw new UnfitException(
          "The statistics are of "
              + statistics.width()
              + " channels, the weight has "
              + weight.cols()
              + " columns");
    }
    for (BasisChange change : basis) {
      statistics = statistics.carried(change);
    }
    return statistics;
  }

  /** All weights that read the input, carried into the basis of this state, in order of name. */
  public List<Matrix> peers(Knowledge knowledge) {
    List<Matrix> carried = new ArrayList<>();
    for (Matrix peer : knowledge.peers()) {
      for (BasisChange change : basis) {
        peer = change.into(peer);
      }
      carried.add(peer);
    }
    return carried;
  }

  /** The same, whose input is rounded at run time in the basis of this state. */
  public State round(InputRounding prescribed) {
    return new State(weight, stored, basis, rest, frozen, pruned, parts, overlay, prescribed);
  }

  /** The same weight in another basis; the first thing a recipe may do. */
  public State rebase(BasisChange change) {
    List<BasisChange> grown = new ArrayList<>(basis);
    grown.add(change);
    Matrix changed = change.into(weight);
    return new State(changed, stored, grown, changed, frozen, pruned, parts, overlay, rounding);
  }

  /** Settles {@code entries} by an overlay that keeps their values. */
  public State protect(BitSet entries, Overlay kept) {
    BitSet settled = frozen();
    settled.or(entries);
    return new State(
        weight, stored, basis, rest, settled, pruned, parts, Optional.of(kept), rounding);
  }

  /** Settles {@code entries} at zero. */
  public State prune(BitSet entries) {
    BitSet settled = frozen();
    settled.or(entries);
    BitSet gone = pruned();
    gone.or(entries);
    return new State(weight, stored, basis, rest, settled, gone, parts, overlay, rounding);
  }

  /** The same with other values for what is still to be represented. */
  public State withRest(Matrix remaining) {
    return new State(weight, stored, basis, remaining, frozen, pruned, parts, overlay, rounding);
  }

  /** Encodes {@code part}; {@code remaining} is what it leaves to be represented. */
  public State encode(Part part, Matrix remaining) {
    List<Part> grown = new ArrayList<>(parts);
    grown.add(part);
    return new State(weight, stored, basis, remaining, frozen, pruned, grown, overlay, rounding);
  }

  /** Encodes {@code part}, after which nothing is left to represent. */
  public State finish(Part part) {
    return encode(part, rest);
  }

  /** What has been encoded, with the overlay last since it replaces, in the weight's own basis. */
  public CompressedMatrix result() {
    List<Part> all = new ArrayList<>(parts);
    overlay.ifPresent(all::add);
    CompressedMatrix result = new CompressedMatrix(weight.rows(), weight.cols(), all, rounding);
    for (int i = basis.size() - 1; i >= 0; i--) {
      Part rebased = new Rebased(result, basis.get(i));
      result = new CompressedMatrix(weight.rows(), weight.cols(), List.of(rebased));
    }
    return result;
  }
}
