package dev.assay.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.CellStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailureLogTest {
  private final List<String> said = new ArrayList<>();
  private final Logger logger = (Logger) LogManager.getLogger(FailureLog.class);
  private final AbstractAppender appender =
      new AbstractAppender("said", null, null, false, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
          said.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    logger.addAppender(appender);
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
  }

  @AfterEach
  void leave() {
    logger.removeAppender(appender);
    logger.setAdditive(true);
    appender.stop();
  }

  @Test
  void aCellThatFailedIsNamed() {
    FailureLog log = new FailureLog();
    log.add(failed("c0ffee"));
    log.finish();
    assertThat(said)
        .containsExactly("WARN Cell c0ffee failed: rtn(bits=3) of q.weight: Unfit: it does not");
  }

  @Test
  void ofVeryManyTheNumberIsSaid() {
    FailureLog log = new FailureLog();
    for (int i = 0; i < 1234; i++) {
      log.add(failed("id" + i));
    }
    log.finish();
    assertThat(said).hasSize(102);
    assertThat(said.get(99)).startsWith("WARN Cell id99 failed");
    assertThat(said.get(101)).isEqualTo("WARN 1134 more cells failed");
  }

  private static CellRow failed(String id) {
    return new CellRow(
        id,
        "model",
        "bert",
        "site",
        "q.weight",
        new CellRow.RecipeColumns(
            "rtn", "rtn(bits=3)", List.of(), Map.of(), "[]", 3, null, null, null, null, null),
        0,
        new CellRow.Outcome(CellStatus.FAILED, "Unfit", "it does not", 1, 0, "host", "0"));
  }
}
