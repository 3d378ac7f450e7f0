package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.recipe.Method;
import dev.assay.recipe.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The pages know every method, and no other. */
class MethodsPageTest {
  private static Set<String> methods() {
    Set<String> names = new TreeSet<>();
    Methods.builtIn().all().stream().map(Method::name).forEach(names::add);
    return names;
  }

  @Test
  void everyMethodHasItsParagraph() throws IOException {
    Set<String> headings = new TreeSet<>();
    for (String line : Files.readAllLines(Repository.ROOT.resolve("docs/methods.md"))) {
      if (line.startsWith("### ")) {
        headings.addAll(List.of(line.substring(4).split(", ", -1)));
      }
    }
    assertThat(headings).isEqualTo(methods());
  }

  @Test
  void everyMethodIsInTheReadme() throws IOException {
    String readme = Files.readString(Repository.ROOT.resolve("README.md"));
    String table = readme.substring(readme.indexOf("## Methods"), readme.indexOf("## Configure"));
    assertThat(methods()).allSatisfy(name -> assertThat(table).contains("`" + name + "`"));
  }
}
