package dev.assay.fuzz;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged files of every format that a user gives are read or refused, and nothing else. */
class FuzzTest {
  private static final int CASES = 150;
  private static final int NIGHTLY_CASES = 9_000;

  static Stream<Target> targets() {
    return Stream.of(
            CheckpointTargets.all(), SettingsTargets.all(), TaskTargets.all(), StoredTargets.all())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("targets")
  void isReadOrRefused(Target target) {
    Fuzz.run(target, CASES / target.weight());
  }

  /** -Pnightly; 200,000 cases and more in all, in proportion to how fast they go. */
  @Tag("nightly")
  @ParameterizedTest
  @MethodSource("targets")
  void isReadOrRefusedByTheThousand(Target target) {
    Fuzz.run(target, NIGHTLY_CASES / target.weight());
  }
}
