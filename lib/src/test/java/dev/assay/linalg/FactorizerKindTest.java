package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FactorizerKindTest {
  @ParameterizedTest
  @CsvSource({
    "384, 1536, 384, lapack-double",
    "30522, 1024, 8, lapack-double",
    "1025, 4096, 128, randomized",
    "1025, 4096, 129, lapack",
    "4096, 4096, 4096, lapack"
  })
  void autoResolvesBySizeAndRank(int rows, int cols, int rank, String expected) {
    assertThat(FactorizerKind.AUTO.resolve(rows, cols, rank).id()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void namesAreReadBackAndOnlyAutoResolvesToAnother(FactorizerKind kind) {
    assertThat(FactorizerKind.named(kind.id())).hasValue(kind);
    assertThat(kind.resolve(4096, 4096, 8) == kind).isEqualTo(kind != FactorizerKind.AUTO);
    if (kind.isLocal()) {
      assertThat(LocalFactorizer.of(kind, 1).kind()).isEqualTo(kind);
    } else {
      assertThatThrownBy(() -> LocalFactorizer.of(kind, 1)).hasMessageContaining(kind.id());
    }
  }

  @Test
  void unknownNamesAreNone() {
    assertThat(FactorizerKind.named("LAPACK")).isEmpty();
    assertThat(FactorizerKind.ids())
        .containsExactly("auto", "mllib", "lapack", "lapack-double", "randomized");
  }
}
