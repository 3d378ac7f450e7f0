package dev.assay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InputExceptionTest {
  @Test
  void aMessageDoesNothingToTheTerminal() {
    InputException e = new InputException("file", "Holds \u001b[2J and \r", "Fix it.\nThus.");
    assertThat(e).hasMessage("file: Holds \\u001b[2J and \\u000d. Fix it.\nThus.");
  }

  @Test
  void aMessageIsAFewLinesWhateverTheFileHolds() {
    String message = new InputException("x".repeat(9999), "a\n".repeat(99), "Fix it.").getMessage();
    assertThat(message).hasSizeLessThan(2000).hasLineCount(1).endsWith(". Fix it.");
  }
}
