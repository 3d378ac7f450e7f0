package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code notebooks-export/quickstart}, as it is committed: notebook and page. */
class NotebookTest {
  private static final Pattern RUN = Pattern.compile("\\b20\\d{6}-\\d{6}-[0-9a-f]{8}\\b");
  private static final Pattern SQL_FILE = Pattern.compile("\"([a-z-]+\\.sql)\"");
  private static final Pattern READING = Pattern.compile("<strong>Reading\\.</strong>");
  private static final Path NOTEBOOK = SqlQuestions.FOLDER.resolve("quickstart.ipynb");
  private static final Path PAGE = SqlQuestions.FOLDER.resolve("quickstart.html");
  private static final int LARGEST = 1_500_000;

  private static String notebook;
  private static String page;
  private static final List<JsonNode> CODE = new ArrayList<>();

  @BeforeAll
  static void read() throws IOException {
    notebook = Files.readString(NOTEBOOK);
    page = Files.readString(PAGE);
    JsonNode root = new ObjectMapper().readTree(notebook);
    assertThat(root.path("nbformat").asInt()).isEqualTo(4);
    for (JsonNode cell : root.path("cells")) {
      if (cell.path("cell_type").asText().equals("code")) {
        CODE.add(cell);
      }
    }
  }

  @Test
  void everyQuestionIsAskedAndIsThere() {
    Set<String> asked = new TreeSet<>();
    for (JsonNode cell : CODE) {
      asked.addAll(found(SQL_FILE, text(cell.path("source")), 1));
    }
    List<String> files = new ArrayList<>(SqlQuestions.names());
    files.add("duckdb-views.sql");
    assertThat(asked).containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  void everyCellRanInOrderWithoutAWord() {
    int count = 0;
    for (JsonNode cell : CODE) {
      count++;
      assertThat(cell.path("execution_count").asInt()).isEqualTo(count);
      assertThat(cell.path("outputs").findValuesAsText("output_type"))
          .doesNotContain("error", "stream");
    }
  }

  @Test
  void bothAreOfOneRun() {
    assertThat(Set.copyOf(found(RUN, notebook, 0)))
        .hasSize(1)
        .isEqualTo(Set.copyOf(found(RUN, page, 0)));
    List<String> pictures = new ArrayList<>();
    int readings = 0;
    for (JsonNode cell : CODE) {
      for (JsonNode output : cell.path("outputs")) {
        JsonNode data = output.path("data");
        if (data.has("image/png")) {
          pictures.add(text(data.path("image/png")).replaceAll("\\s", ""));
        }
        if (text(data.path("text/markdown")).startsWith("**Reading.**")) {
          readings++;
        }
      }
    }
    assertThat(pictures).hasSize(4).allSatisfy(picture -> assertThat(page).contains(picture));
    assertThat(readings).isEqualTo(5).isEqualTo(found(READING, page, 0).size());
  }

  @Test
  void neitherNamesAMachine() {
    for (String text : List.of(notebook, page)) {
      assertThat(text).doesNotContainPattern("(?<![A-Za-z0-9.])/(home|root|tmp|work|Users)/");
    }
  }

  @Test
  void thePageStandsAlone() {
    assertThat(page).hasSizeLessThan(LARGEST).doesNotContain("src=\"http", "href=\"http");
  }

  @Test
  void theReadmeListsEveryQuestion() throws IOException {
    String readme = Files.readString(SqlQuestions.FOLDER.resolve("README.md"));
    for (String name : SqlQuestions.names()) {
      String question = Files.readAllLines(SqlQuestions.FOLDER.resolve(name)).get(0).substring(3);
      assertThat(readme)
          .contains("[" + name + "](" + name + ") | " + question.replaceFirst(":.*", ""));
    }
  }

  private static List<String> found(Pattern pattern, String text, int group) {
    return pattern.matcher(text).results().map(match -> match.group(group)).toList();
  }

  private static String text(JsonNode lines) {
    if (lines.isTextual()) {
      return lines.asText();
    }
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line.asText()));
    return text.toString();
  }
}
