package dev.assay.recipe;

import dev.assay.part.CompressedMatrix;
import dev.assay.part.Overlay;
import dev.assay.part.Part;
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
 * encoded so far. Entries in {@code frozen} are settled by an overlay, whatever later stages say.
 */
public final class State {
  private final Matrix weight;
  private final DType stored;
  private final Matrix rest;
  private final BitSet frozen;
  private final List<Part> parts;
  private final Optional<Overlay> overlay;

  private State(
      Matrix weight,
      DType stored,
      Matrix rest,
      BitSet frozen,
      List<Part> parts,
      Optional<Overlay> overlay) {
    this.weight = weight;
    this.stored = stored;
    this.rest = rest;
    this.frozen = frozen;
    this.parts = parts;
    this.overlay = overlay;
  }

  /**
   * Where every recipe begins: all of the weight is to be represented.
   *
   * @param weight W, out × in
   * @param stored the type the checkpoint holds it in
   */
  public static State of(Matrix weight, DType stored) {
    return new State(weight, stored, weight, new BitSet(), List.of(), Optional.empty());
  }

  /** The weight W itself, out × in. */
  public Matrix weight() {
    return weight;
  }

  /** The type the checkpoint holds the weight in. */
  public DType stored() {
    return stored;
  }

  /** What is still to be represented, out × in. Not to be written to. */
  public Matrix rest() {
    return rest;
  }

  /** Whether the entry (row-major index) is settled already. */
  public boolean frozen(int index) {
    return frozen.get(index);
  }

  /** Settles {@code entries} by an overlay of the weight's own values. */
  State protect(BitSet entries, Overlay kept) {
    return new State(weight, stored, rest, (BitSet) entries.clone(), parts, Optional.of(kept));
  }

  /** Encodes {@code part}; {@code remaining} is what it leaves to be represented. */
  State encode(Part part, Matrix remaining) {
    List<Part> grown = new ArrayList<>(parts);
    grown.add(part);
    return new State(weight, stored, remaining, frozen, grown, overlay);
  }

  /** Encodes {@code part}, after which nothing is left to represent. */
  State finish(Part part) {
    return encode(part, rest);
  }

  /** What has been encoded, with the overlay last since it replaces. */
  CompressedMatrix result() {
    List<Part> all = new ArrayList<>(parts);
    overlay.ifPresent(all::add);
    return new CompressedMatrix(weight.rows(), weight.cols(), all);
  }
}
