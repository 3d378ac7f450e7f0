package dev.assay.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecipeGridTest {
  @Test
  void listsExpandToTheirProduct() {
    List<NamedRecipe> grid =
        Recipes.grid("{method = rtn, bits = [2, 3, 4], granularity = [row, \"group(64)\"]}");
    assertThat(grid).hasSize(6);
    assertThat(grid.get(0).label()).isEqualTo("rtn(bits=2, granularity=row)");
    assertThat(grid.get(5).label()).isEqualTo("rtn(bits=4, granularity=group(64))");
    assertThat(grid.get(0).parameters()).containsEntry("grid", "gptq-asym");
  }

  @Test
  void identicalRecipesAreMergedAndKeepTheirNames() {
    List<NamedRecipe> grid =
        Recipes.grid(
            "{method = svd-preserve, keep = [0, 16]}",
            "{method = magnitude-preserve, keep = [0, 16]}");
    assertThat(grid).hasSize(3);
    assertThat(grid.get(0).label()).isEqualTo("svd-preserve(keep=0)");
    assertThat(grid.get(0).aliases()).containsExactly("magnitude-preserve(keep=0)");
  }

  @Test
  void stagesMayBeSpelledOutAndSweptWithin() {
    List<NamedRecipe> grid =
        Recipes.grid(
            "{name = mine, stages = [{stage = factor, rank = [8, 16], then = residual},"
                + " {stage = protect, score = magnitude, keep = 16},"
                + " {stage = quantize, bits = [3, 4], grid = gptq-sym, granularity = row}]}");
    assertThat(grid).hasSize(4);
    assertThat(grid.get(0).name()).isEqualTo("mine");
    assertThat(grid.get(3).parameters())
        .containsEntry("factor.rank", "16")
        .containsEntry("quantize.bits", "4");
  }

  @Test
  void aPresetEqualsItsStages() {
    List<NamedRecipe> grid =
        Recipes.grid(
            "{method = rtn, bits = 3}",
            "{name = same, stages = [{stage = quantize, bits = 3, grid = gptq-asym,"
                + " granularity = row}]}");
    assertThat(grid).hasSize(1);
    assertThat(grid.get(0).aliases()).hasSize(1);
  }

  @Test
  void listsThatMultiplyBeyondMemoryAreAnError() {
    String nine = " = [1, 2, 3, 4, 5, 6, 7, 8, 9]";
    String entry =
        "{method = rtn, " + String.join(nine + ", ", "a", "b", "c", "d", "e", "f") + nine + "}";
    assertThatThrownBy(() -> Recipes.grid(entry))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("come to 531441 recipes or more")
        .hasMessageContaining("An entry may come to 200000");
  }

  @Test
  void mistypedWordsSayWhatWasMeant() {
    assertThatThrownBy(() -> Recipes.grid("{method = rtm}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Unknown method 'rtm'")
        .hasMessageContaining("Did you mean 'rtn'?");
    assertThatThrownBy(() -> Recipes.grid("{method = rtn, bit = 4}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Unknown key 'bit' in recipes[0]")
        .hasMessageContaining("Did you mean 'bits'?");
    assertThatThrownBy(() -> Recipes.grid("{method = rtn, grid = gptq-asm}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Did you mean 'gptq-asym'?");
    assertThatThrownBy(() -> Recipes.grid("{name = x, stages = [{stage = quantise}]}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Did you mean 'quantize'?");
    assertThatThrownBy(() -> Recipes.grid("{bits = 4}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("neither method nor stages");
  }

  @Test
  void valuesOutOfRangeAreErrors() {
    for (String bits : new String[] {"0", "1", "9", "17", "2.5", "four"}) {
      assertThatThrownBy(() -> Recipes.grid("{method = rtn, bits = " + bits + "}"))
          .as(bits)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("from 2 to 8");
    }
    for (String clip : new String[] {"sigma", "sigma(-1)", "sigma(x)", "absmax(2)", "max"}) {
      assertThatThrownBy(() -> Recipes.grid("{method = rtn, clip = \"" + clip + "\"}"))
          .as(clip)
          .isInstanceOf(InputException.class);
    }
    for (String keep : new String[] {"-1", "101%", "-3%", "x", "1e99"}) {
      assertThatThrownBy(
              () -> Recipes.grid("{method = magnitude-preserve, keep = \"" + keep + "\"}"))
          .as(keep)
          .isInstanceOf(InputException.class);
    }
    for (String rank : new String[] {"0", "-1", "ratio(0)", "ratio", "half"}) {
      assertThatThrownBy(() -> Recipes.grid("{method = svd, rank = \"" + rank + "\"}"))
          .as(rank)
          .isInstanceOf(InputException.class);
    }
    assertThatThrownBy(() -> Recipes.grid("{method = rtn, bits = []}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("nothing to choose from");
  }

  @Test
  void ordersThatMeanNothingAreErrors() {
    String quantize = "{stage = quantize, bits = 4, grid = gptq-sym, granularity = row}";
    String protect = "{stage = protect, score = magnitude, keep = 4}";
    String principal = "{stage = protect, score = principal, rank = 8, keep = 4}";
    String residual = "{stage = factor, rank = 8, then = residual}";
    refuses("leaves nothing", quantize, quantize);
    refuses("leaves nothing", quantize, protect);
    refuses("something is left to represent", protect);
    refuses("something is left to represent", residual);
    refuses("comes twice", protect, principal, quantize);
    refuses("must be the first stage", protect, residual, quantize);
    refuses("of the weight itself", residual, principal, quantize);
    refuses("nothing can be protected", protect, "{stage = keep}");
    refuses(
        "cannot stand in a recipe for a low-rank factor",
        "{stage = factor, rank = 8, left {stages = [{stage = factor, rank = 2}]}}");
    refuses("something is left");
    String prune = "{stage = prune, score = magnitude, sparsity = 0.5, scope = row}";
    String pattern = "{stage = prune, score = magnitude, pattern = \"2:4\"}";
    String fisher = "{stage = protect, score = fisher, keep = 4}";
    refuses("comes twice", prune, pattern, quantize);
    refuses("comes after 'prune'", prune, protect, quantize);
    refuses("would break the pattern", protect, pattern, quantize);
    refuses("must be the first stage", prune, residual, quantize);
    refuses("something is left to represent", prune);
    refuses("nothing can be protected", protect, prune, "{stage = keep}");
    refuses(
        "of the weight itself",
        residual,
        "{stage = prune, score = principal, rank = 2, sparsity = 0.5, scope = row}",
        quantize);
    refuses(
        "of the weight's entries",
        "{stage = factor, rank = 8, left {stages = [" + fisher + ", " + quantize + "]}}");
  }

  @Test
  void sparsityAndMetricOutOfRangeAreErrors() {
    for (String sparsity : new String[] {"-0.1", "1.1", "NaN", "half"}) {
      assertThatThrownBy(() -> Recipes.grid("{method = wanda, sparsity = \"" + sparsity + "\"}"))
          .as(sparsity)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Use a number from 0 to 1");
    }
    for (String pattern : new String[] {"4:4", "5:4", "2", "2-4", ":", "1:9999"}) {
      assertThatThrownBy(
              () ->
                  Recipes.grid("{method = wanda, sparsity = none, pattern = \"" + pattern + "\"}"))
          .as(pattern)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("such as \"2:4\"");
    }
    String neither = "{name = x, stages = [{stage = prune, score = wanda}, {stage = keep}]}";
    for (String wrong : new String[] {neither, "{method = wanda, pattern = \"2:4\"}"}) {
      assertThatThrownBy(() -> Recipes.grid(wrong))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Give either sparsity or pattern");
    }
    for (String metric : new String[] {"whiten", "activation", "activation(-1)", "frobenius(2)"}) {
      assertThatThrownBy(() -> Recipes.grid("{method = svd-llm, metric = \"" + metric + "\"}"))
          .as(metric)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Use frobenius");
    }
    assertThatThrownBy(() -> Recipes.grid("{method = spqr-preserve, damping = -1}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("damping = -1");
  }

  private static void refuses(String message, String... stages) {
    String entry = "{name = wrong, stages = [" + String.join(",", stages) + "]}";
    assertThatThrownBy(() -> Recipes.grid(entry))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void everyMethodHasASummaryACitationAndDefaultsThatWork() {
    for (Method method : Methods.builtIn().all()) {
      assertThat(method.summary()).isNotBlank();
      assertThat(method.citation()).isNotBlank();
      assertThat(Recipes.grid("{method = " + method.name() + "}")).hasSize(1);
    }
    assertThat(Methods.builtIn().all())
        .extracting(Method::name)
        .contains(
            "dense",
            "rtn",
            "magnitude-preserve",
            "random-preserve",
            "svd-preserve",
            "svd",
            "svd-residual",
            "awq-preserve",
            "awq-column-preserve",
            "spqr-preserve",
            "hessian-preserve",
            "fisher-preserve",
            "magnitude-prune",
            "wanda",
            "asvd",
            "svd-llm",
            "fwsvd",
            "awq",
            "smoothquant",
            "hadamard-rtn",
            "zeroquant",
            "gptq",
            "spqr",
            "sparsegpt",
            "svd-llm-gptq");
  }

  @Test
  void everyMethodTravelsToExecutors() throws Exception {
    for (Method method : Methods.builtIn().all()) {
      NamedRecipe recipe = Recipes.grid("{method = " + method.name() + "}").get(0);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(recipe);
      }
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        assertThat(in.readObject()).isEqualTo(recipe);
      }
    }
  }

  @Test
  void aCompositionIsCalledByWhatVaries() {
    String stages =
        "stages = [{stage = protect, score = magnitude, keep = [4, 9]},"
            + " {stage = quantize, bits = [3, 4], grid = gptq-sym, granularity = row}]";
    assertThat(Recipes.grid("{name = mine, " + stages + "}"))
        .extracting(NamedRecipe::label)
        .containsExactly(
            "mine(protect.keep=4, quantize.bits=3)",
            "mine(protect.keep=4, quantize.bits=4)",
            "mine(protect.keep=9, quantize.bits=3)",
            "mine(protect.keep=9, quantize.bits=4)");
    String one =
        "{name = one, stages = [{stage = quantize, bits = %d, grid = gptq-sym, granularity = row}]}";
    assertThat(Recipes.grid(one.formatted(3)))
        .extracting(NamedRecipe::label)
        .containsExactly("one");
    assertThat(Recipes.grid(one.formatted(3), one.formatted(4)))
        .extracting(NamedRecipe::label)
        .doesNotHaveDuplicates()
        .allSatisfy(label -> assertThat(label).contains("quantize.bits="));
  }

  @Test
  void parametersOfACompositionTieStagesTogether() {
    String quantizer = "bits = \"${parameters.bits}\", grid = awq-asym, granularity = row";
    List<NamedRecipe> grid =
        Recipes.grid(
            "{name = tied, parameters {bits = [3, 4]}, stages = [{stage = awq, quantizer {"
                + quantizer
                + "}}, {stage = quantize, "
                + quantizer
                + "}]}");
    assertThat(grid).extracting(NamedRecipe::label).containsExactly("tied(bits=3)", "tied(bits=4)");
    for (int i = 0; i < 2; i++) {
      String each = quantizer.replace("\"${parameters.bits}\"", Integer.toString(3 + i));
      assertThat(grid.get(i).recipe())
          .isEqualTo(
              Recipes.one(
                  "{name = x, stages = [{stage = awq, quantizer {"
                      + each
                      + "}}, {stage = quantize, "
                      + each
                      + "}]}"));
    }
    String block = "{bits = 3, grid = awq-asym, granularity = row}";
    assertThat(
            Recipes.grid(
                "{name = tied, parameters {how = "
                    + block
                    + "}, stages = [{stage = awq, quantizer = \"${parameters.how}\"},"
                    + " {stage = solve, quantize = \"${parameters.how}\"}]}"))
        .hasSize(1);
    assertThatThrownBy(
            () -> Recipes.grid("{name = x, parameters {bits = 3}, stages = [{stage = keep}]}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("refers to parameter 'bits'");
    assertThatThrownBy(
            () ->
                Recipes.grid(
                    "{name = x, parameters {type = f16}, stages = [{stage = keep, value-type ="
                        + " \"${parameters.tipe}\"}]}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Did you mean 'type'?");
  }
}
