package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.RealWeights;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.family.Activation;
import dev.assay.family.ModelConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  private static ModelConfig config(int vocabulary, int positions) {
    return ModelConfig.encoder(
        "bert", vocabulary, 8, 1, 2, 16, positions, 2, 1e-12, Activation.GELU, List.of());
  }

  private static byte[] json() throws IOException {
    try (ByteSource source = RealWeights.folder().open("tokenizer.json")) {
      byte[] bytes = new byte[(int) source.length()];
      source.readFully(0, bytes, 0, bytes.length);
      return bytes;
    }
  }

  @Test
  void pairsCarryTypesAndLoseTheEndOfTheLongerText() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.of(json(), "t.json", config(30522, 512), 9)) {
      TokenIds fits = tokenizer.encode("a b", "c d");
      assertThat(fits.ids()).containsExactly(101, 1037, 1038, 102, 1039, 1040, 102);
      assertThat(fits.types()).containsExactly(0, 0, 0, 0, 1, 1, 1);
      assertThat(fits.truncated()).isFalse();
      TokenIds cut = tokenizer.encode("a b", "c d e f g h i j");
      assertThat(cut.ids()).containsExactly(101, 1037, 1038, 102, 1039, 1040, 1041, 1042, 102);
      assertThat(cut.truncated()).isTrue();
      assertThat(tokenizer.encode("a b c d e f g h i j").length()).isEqualTo(9);
      assertThat(tokenizer.encode("", "").ids()).containsExactly(101, 102, 102);
    }
  }

  @Test
  void positionsLimitTheLength() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.of(json(), "t.json", config(40000, 16), 1000)) {
      assertThat(tokenizer.maxLength()).isEqualTo(16);
      TokenIds cut = tokenizer.encode("word ".repeat(15));
      assertThat(cut.length()).isEqualTo(16);
      assertThat(cut.truncated()).isTrue();
      assertThat(tokenizer.encode("word ".repeat(14)).truncated()).isFalse();
    }
    assertThatThrownBy(() -> Tokenizer.of(json(), "t.json", config(30522, 4), 512))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("t.json: A longest text of 4 tokens leaves no room");
  }

  @Test
  void theTokenizerOfAnotherModelIsAnError() {
    assertThatThrownBy(() -> Tokenizer.of(json(), "t.json", config(30521, 512), 128))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "t.json: Makes tokens up to 30521, but the model has embeddings for 30521. This"
                + " tokenizer belongs to another model.");
  }

  @Test
  void addedTokensAndListsCountToo() throws IOException {
    String unigram =
        "{\"added_tokens\": [{\"content\": \"<x>\", \"id\": 7}],"
            + " \"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", -1.0], [\"b\", -2.0]]}}";
    byte[] bytes = unigram.getBytes(StandardCharsets.UTF_8);
    assertThat(TokenizerFile.read(bytes, "t.json").vocabulary()).isEqualTo(8);
    String list = "{\"model\": {\"vocab\": [[\"a\", -1.0], [\"b\", -2.0]], \"unk_id\": 0}}";
    assertThat(TokenizerFile.read(list.getBytes(StandardCharsets.UTF_8), "t.json").vocabulary())
        .isEqualTo(2);
  }

  @Test
  void brokenAndMissingFilesAreErrors(@TempDir Path empty) {
    byte[] other = "{\"model\": {\"type\": \"Nonsense\"}}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Tokenizer.of(other, "t.json", config(30522, 512), 128))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("t.json: Is not a tokenizer: ");
    byte[] broken = "{\"model\": ".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Tokenizer.of(broken, "t.json", config(30522, 512), 128))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("t.json: The JSON is broken");
    assertThatThrownBy(() -> Tokenizer.open(new LocalFolder(empty), config(30522, 512), 0))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(empty + ": Has no tokenizer.json. Give the tokenizer.json");
  }

  @Test
  void aClosedTokenizerSaysSo() throws IOException {
    Tokenizer tokenizer = Tokenizer.of(json(), "t.json", config(30522, 512), 128);
    tokenizer.close();
    tokenizer.close();
    assertThatThrownBy(() -> tokenizer.encode("x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The tokenizer is closed");
  }

  /** Each of these ends the process when the library itself reads it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'[X]',"
            + "'type_id':0}}],'pair':[],'special_tokens':{}}",
        "'post_processor':{'type':'Mistyped','single':[{'SpecialToken':{'id':'[X]',"
            + "'type_id':0}}],'pair':[],'special_tokens':{}}",
        "'post_processor':{'type':'TemplateProcessing','single':[{'Sequence':{'id':'B',"
            + "'type_id':0}}],'pair':[],'special_tokens':{}}",
        "'normalizer':{'type':'Sequence','normalizers':[{'type':'Precompiled',"
            + "'precompiled_charsmap':'BAAAAAAAAAAA'}]}",
        "'normalizer':{'type':'Replace','pattern':{'Regex':' *'},'content':' '}",
        "'normalizer':{'type':'Replace','pattern':{'String':''},'content':' '}",
        "'normalizer':{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':''}]}",
        "'model':{'type':'BPE','vocab':{'a':0,'b':1},'continuing_subword_prefix':'##',"
            + "'merges':['a b']}"
      })
  void whatWouldEndTheProcessIsAnError(String part) {
    byte[] json =
        ("{'version':'1.0'," + part + "}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Tokenizer.of(json, "t.json", config(9, 9), 9))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("t.json: Is not a tokenizer: ");
  }

  /** A decoder is of no use here, and the library ends the process over a broken one. */
  @Test
  void aBrokenDecoderDoesNoHarm() throws IOException {
    String json =
        "{'version':'1.0','added_tokens':[],'decoder':{'type':'\\ud800'},"
            + "'pre_tokenizer':{'type':'Whitespace'},"
            + "'model':{'type':'WordLevel','unk_token':'u','vocab':{'u':0,'a':1}}}";
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    try (Tokenizer tokenizer = Tokenizer.of(bytes, "t.json", config(2, 9), 9)) {
      assertThat(tokenizer.encode("a b a").ids()).containsExactly(1, 0, 1);
    }
  }

  @Test
  void tokensThatThePostProcessorMakesUpAreAnError() throws IOException {
    String json =
        "{'version':'1.0','added_tokens':[],'pre_tokenizer':{'type':'Whitespace'},"
            + "'post_processor':{'type':'BertProcessing','sep':['s',77],'cls':['c',0]},"
            + "'model':{'type':'WordLevel','unk_token':'u','vocab':{'u':0,'a':1}}}";
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    try (Tokenizer tokenizer = Tokenizer.of(bytes, "t.json", config(2, 9), 9)) {
      assertThatThrownBy(() -> tokenizer.encode("a"))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("t.json: Makes token 77, but the model has embeddings for 2");
    }
  }

  @Test
  void aTextThatCannotBeTokenizedIsAnError() throws IOException {
    String json =
        "{'version':'1.0','added_tokens':[],'pre_tokenizer':{'type':'Whitespace'},"
            + "'model':{'type':'WordLevel','unk_token':'u','vocab':{'a':1}}}";
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    try (Tokenizer tokenizer = Tokenizer.of(bytes, "t.json", config(2, 9), 9)) {
      assertThatThrownBy(() -> tokenizer.encode("b"))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("t.json: Cannot tokenize a text: ");
    }
  }
}
