package dev.assay.jobs.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

/** What Spark 4.2 says when it ends a job, in its own words. */
class LostTaskTest {
  private static final String ABORTED = "Job aborted due to stage failure: ";

  private static LostTask.At read(String message, Throwable cause) {
    return LostTask.of(new SparkException(ABORTED + message, cause)).orElseThrow();
  }

  @Test
  void anExceptionIsItsRootAndTheFirstLine() {
    LostTask.At lost =
        read(
            "Task 17 in stage 5.0 failed 4 times, most recent failure: Lost task 17.3 in stage 5.0"
                + " (TID 40) (10.0.0.7 executor 2): java.io.UncheckedIOException:"
                + " java.io.IOException: gone\n\tat dev.assay.A.b(A.java:1)\n\nDriver stacktrace:",
            new UncheckedIOException(new IOException("gone")));
    assertThat(lost.index()).isEqualTo(17);
    assertThat(lost.why())
        .isEqualTo(
            new LostTask(
                "IOException",
                "java.io.UncheckedIOException: java.io.IOException: gone",
                "10.0.0.7",
                "2",
                4));
    assertThat(lost.why().after(4).attempts()).isEqualTo(8);
    assertThat(lost.why().message())
        .startsWith(
            "Spark gave up after 4 attempts; the last, on executor 2 of 10.0.0.7:"
                + " java.io.UncheckedIOException: java.io.IOException: gone. ");
  }

  @Test
  void anExecutorThatIsLostSaysWhy() {
    String lost =
        "Task 0 in stage 3.0 failed 4 times, most recent failure: Lost task 0.3 in stage 3.0"
            + " (TID 8) (127.0.0.1 executor 5): ExecutorLostFailure (executor 5 exited caused by one"
            + " of the running tasks) Reason: Command exited with code %s\nDriver stacktrace:";
    assertThat(read(lost.formatted(52), null).why().errorClass()).isEqualTo("OutOfMemory");
    assertThat(read(lost.formatted(137), null).why().errorClass()).isEqualTo("ExecutorLost");
  }

  @Test
  void aFullHeapIsOneKindOfErrorHoweverItIsSaid() {
    String thrown =
        "Task 0 in stage 3.0 failed 1 times, most recent failure: Lost task 0.0 in stage 3.0 (TID 8)"
            + " (localhost executor driver): java.lang.OutOfMemoryError: Java heap space\n\tat a.B";
    LostTask why = read(thrown, new OutOfMemoryError("Java heap space")).why();
    assertThat(why.errorClass()).isEqualTo("OutOfMemory");
    assertThat(why.message()).startsWith("Spark gave up after 1 attempt; ");
  }

  @Test
  void whatIsNoTasksFaultIsNone() {
    assertThat(LostTask.of(new SparkException(ABORTED + "Master removed our application: FAILED")))
        .isEmpty();
    assertThat(
            LostTask.of(new SparkException("Job 3 cancelled because SparkContext was shut down")))
        .isEmpty();
  }
}
