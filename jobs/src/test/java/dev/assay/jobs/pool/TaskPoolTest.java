package dev.assay.jobs.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.MachineException;
import dev.assay.jobs.LocalSpark;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On an executor of its own, what one machine lacks may be there on the next. */
@Tag("slow")
class TaskPoolTest {
  private TaskPool pool;

  @BeforeEach
  void start() {
    pool =
        new TaskPool(
            JavaSparkContext.fromSparkContext(
                LocalSpark.session("local-cluster[1,1,512]").sparkContext()));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  private static MachineException lacking() {
    return new MachineException("libtorch", "No room", "Make room", new IOException("full"));
  }

  private record LacksAtFirst() implements TaskPool.Body<Integer, Integer> {
    @Override
    public Integer run(Integer task) {
      if (TaskContext.get().attemptNumber() == 0) {
        throw lacking();
      }
      return task * task;
    }

    @Override
    public String describe(Integer task) {
      return "square of " + task;
    }
  }

  @Test
  void whatAMachineLacksIsTriedAgain() throws IOException {
    TreeMap<Integer, Integer> squares = new TreeMap<>();
    assertThat(pool.run("squares", List.of(1, 2, 3), new LacksAtFirst(), squares::put, () -> true))
        .isTrue();
    assertThat(squares).hasToString("{1=1, 2=4, 3=9}");
  }

  private record Lacks() implements TaskPool.Body<Integer, Integer> {
    @Override
    public Integer run(Integer task) {
      throw lacking();
    }

    @Override
    public String describe(Integer task) {
      return "nothing";
    }
  }

  @Test
  void whatNoMachineHasIsOneError() {
    List<Integer> tasks = IntStream.range(0, 20).boxed().toList();
    assertThatThrownBy(
            () -> pool.run("nothing", tasks, new Lacks(), (task, none) -> {}, () -> true))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "executors: libtorch: No room. Make room. Where that is one machine of several,"
                + " --conf spark.excludeOnFailure.enabled=true leaves it out");
  }
}
