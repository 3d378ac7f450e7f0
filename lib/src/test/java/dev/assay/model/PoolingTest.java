package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.checkpoint.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What models say of their pooling, in the words of sentence-transformers. */
class PoolingTest {
  @TempDir Path model;

  @Test
  void flagsTellTheMode() throws IOException {
    String bge =
        """
        {"word_embedding_dimension": 384, "pooling_mode_cls_token": true,
         "pooling_mode_mean_tokens": false, "pooling_mode_max_tokens": false,
         "pooling_mode_mean_sqrt_len_tokens": false, "include_prompt": true}
        """;
    assertThat(pooling(bge)).contains(Pooling.CLS);
    assertThat(pooling("{\"pooling_mode_mean_tokens\": true, \"pooling_mode_lasttoken\": false}"))
        .contains(Pooling.MEAN);
    assertThat(pooling("{\"pooling_mode\": \"cls\"}")).contains(Pooling.CLS);
  }

  @Test
  void aModelNeedNotSay() throws IOException {
    assertThat(Pooling.of(new LocalFolder(model))).isEmpty();
    Files.createDirectory(model.resolve("1_Pooling"));
    assertThat(Pooling.of(new LocalFolder(model))).isEmpty();
  }

  @Test
  void whatIsNotComputedIsAnError() throws IOException {
    assertRefused("{\"pooling_mode_max_tokens\": true}", "Pooling by 'max' cannot be computed");
    assertRefused("{\"pooling_mode_lasttoken\": true}", "'lasttoken'");
    assertRefused(
        "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}",
        "Pooling by 'cls and mean' cannot be computed");
    assertRefused("{\"pooling_mode_cls_token\": false}", "Pooling by '' cannot be computed");
    assertRefused("{\"pooling_mode", "The JSON is broken");
    Files.createDirectory(model.resolve("2_Dense"));
    assertThatThrownBy(() -> pooling("{\"pooling_mode_cls_token\": true}"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(model + "/2_Dense: A linear behind the pooling");
  }

  private void assertRefused(String config, String problem) {
    assertThatThrownBy(() -> pooling(config))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(model + "/1_Pooling/config.json: ")
        .hasMessageContaining(problem);
  }

  private Optional<Pooling> pooling(String config) throws IOException {
    Path folder = Files.createDirectories(model.resolve("1_Pooling"));
    Files.writeString(folder.resolve("config.json"), config);
    return Pooling.of(new LocalFolder(model));
  }
}
