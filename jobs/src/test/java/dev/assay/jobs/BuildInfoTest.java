package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BuildInfoTest {
  @Test
  void versionAndCommitAreFilledIn() {
    BuildInfo build = BuildInfo.read();
    assertThat(build.version()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
    assertThat(build.commit()).matches("([0-9a-f]{40}(-dirty)?)|unknown");
  }
}
