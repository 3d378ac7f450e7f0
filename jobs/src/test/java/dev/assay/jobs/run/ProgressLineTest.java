package dev.assay.jobs.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong nanos = new AtomicLong(17);

  private ProgressLine line(boolean terminal) {
    return new ProgressLine(new PrintStream(bytes, true, UTF_8), terminal, nanos::get);
  }

  private String shown() {
    String shown = bytes.toString(UTF_8);
    bytes.reset();
    return shown;
  }

  private void pass(double seconds) {
    nanos.addAndGet((long) (seconds * 1e9));
  }

  @Test
  void theTimeLeftGoesByWorkAndNotByNumber() {
    ProgressLine line = line(false);
    line.begin("compress", 1000, 1000);
    // Ten of a thousand cells, but half of the work.
    line.advance(10, 0, 500);
    pass(40);
    line.tick();
    assertThat(shown()).isEqualTo("compress 10/1000 done, 0 failed, 0.25/s, 40 s left\n");
    line.advance(980, 9, 400);
    pass(10);
    line.tick();
    assertThat(shown()).isEqualTo("compress 990/1000 done, 9 failed, 20/s, 6 s left\n");
    line.advance(1, 0, 100);
    pass(50);
    line.finish();
    assertThat(shown()).isEqualTo("compress 991/1000 done, 9 failed, 10/s, in 2 min\n");
  }

  @Test
  void aLogHasALineEveryTenSeconds() {
    ProgressLine line = line(false);
    line.begin("evaluate", 4, 4);
    for (int i = 0; i < 200; i++) {
      pass(0.1);
      line.tick();
    }
    assertThat(shown())
        .isEqualTo(
            """
            evaluate 0/4 done, 0 failed, 0.00/s, time left unknown
            evaluate 0/4 done, 0 failed, 0.00/s, time left unknown
            """);
  }

  @Test
  void aTerminalHasOneLineThatIsDrawnAgain() {
    ProgressLine line = line(true);
    line.begin("evaluate", 2, 2);
    pass(0.1);
    line.tick();
    assertThat(shown()).isEmpty();
    pass(1.9);
    line.advance(1, 0, 1);
    line.tick();
    assertThat(shown()).isEqualTo("\r\u001b[Kevaluate 1/2 done, 0 failed, 0.50/s, 2 s left");
    line.advance(0, 1, 1);
    line.finish();
    assertThat(shown()).isEqualTo("\r\u001b[Kevaluate 1/2 done, 1 failed, 1.00/s, in 2 s\n");
  }
}
