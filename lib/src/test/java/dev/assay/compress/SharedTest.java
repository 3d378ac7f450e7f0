package dev.assay.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.tensor.Held;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedTest {
  private record Block(String name, long bytes) implements Held {}

  private final List<String> made = new ArrayList<>();

  private Block block(Shared shared, String name, long bytes) {
    return shared.once(
        name,
        () -> {
          made.add(name);
          return new Block(name, bytes);
        });
  }

  @Test
  void whatWasNotAskedForLongestGoesFirst() {
    Shared shared = new Shared(30);
    block(shared, "a", 10);
    block(shared, "b", 10);
    block(shared, "c", 10);
    block(shared, "a", 10);
    block(shared, "d", 10); // makes room of b
    made.clear();
    block(shared, "a", 10);
    block(shared, "c", 10);
    block(shared, "d", 10);
    assertThat(made).isEmpty();
    assertThat(block(shared, "b", 10)).isEqualTo(new Block("b", 10));
    assertThat(made).containsExactly("b");
  }

  @Test
  void aGridOfAnyLengthHoldsNoMoreThanTheLimit() {
    Shared shared = new Shared(8 * 25);
    for (int i = 0; i < 100; i++) {
      shared.once(i, () -> new double[10]);
    }
    for (int i = 98; i < 100; i++) {
      int key = i;
      double[] kept = shared.once(key, () -> new double[] {key});
      assertThat(kept).hasSize(10);
    }
    assertThat(shared.<double[]>once(97, () -> new double[1])).hasSize(1);
  }

  @Test
  void whatIsLargerThanAllRoomIsKeptUntilTheNext() {
    Shared shared = new Shared(5);
    block(shared, "large", 50);
    block(shared, "large", 50);
    assertThat(made).containsExactly("large");
    block(shared, "next", 1);
    block(shared, "large", 50);
    assertThat(made).containsExactly("large", "next", "large");
  }

  @Test
  void whatIsSmallStays() {
    Shared shared = new Shared(5);
    shared.once("alpha", () -> 0.5);
    block(shared, "a", 5);
    block(shared, "b", 5);
    assertThat(shared.<Double>once("alpha", () -> 0.25)).isEqualTo(0.5);
  }

  @Test
  void oneMayBeMadeFromAnother() {
    Shared shared = new Shared(100);
    Block outer =
        shared.once("outer", () -> new Block("outer of " + block(shared, "inner", 10).name(), 10));
    assertThat(outer.name()).isEqualTo("outer of inner");
    block(shared, "inner", 10);
    assertThat(made).containsExactly("inner");
  }
}
