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
import java.nio.file.Files;
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

  /**
   * Byte-level, with the special tokens of RoBERTa; ids as Hugging Face's tokenizers makes them.
   */
  private static final String BYTES =
      """
      {"version":"1.0","added_tokens":[
        {"id":0,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
        {"id":2,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
       "normalizer":null,
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
       "post_processor":{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],
         "trim_offsets":true,"add_prefix_space":false},
       "model":{"type":"BPE","unk_token":"<unk>","vocab":{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,
         "h":4,"e":5,"l":6,"o":7,"\u0120":8,"w":9,"r":10,"d":11,"\u00c3":12,"\u00a4":13,"he":14,"ll":15,
         "hell":16,"hello":17,"\u0120w":18,"or":19,"ld":20,"orld":21,"\u0120world":22},
         "merges":[["h","e"],["l","l"],["he","ll"],["hell","o"],["\u0120","w"],["o","r"],["l","d"],
           ["or","ld"],["\u0120w","orld"]]}}
      """;

  private static ModelConfig roberta() {
    return ModelConfig.encoder("roberta", 23, 8, 1, 2, 16, 40, 1, 1e-5, Activation.GELU, List.of());
  }

  private static LocalFolder folder(Path directory, String tokenizer, String options)
      throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), tokenizer);
    if (!options.isEmpty()) {
      Files.writeString(directory.resolve("tokenizer_config.json"), options);
    }
    return new LocalFolder(directory);
  }

  @Test
  void bytesAndPairsOfRoberta(@TempDir Path directory) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(folder(directory, BYTES, ""), roberta(), 0)) {
      assertThat(tokenizer.encode("hello world").ids()).containsExactly(0, 17, 22, 2);
      assertThat(tokenizer.encode("h\u00e4llo").ids()).containsExactly(0, 4, 12, 13, 15, 7, 2);
      TokenIds pair = tokenizer.encode("hello world", "world hello");
      assertThat(pair.ids()).containsExactly(0, 17, 22, 2, 2, 9, 21, 8, 17, 2);
      assertThat(pair.types()).containsOnly(0);
    }
    LocalFolder spaced = folder(directory, BYTES, "{\"add_prefix_space\": true}");
    try (Tokenizer tokenizer = Tokenizer.open(spaced, roberta(), 0)) {
      assertThat(tokenizer.encode("world").ids()).containsExactly(0, 22, 2);
    }
  }

  @Test
  void aFamilyWithoutTypesOfTextsIsGivenNone(@TempDir Path directory) throws IOException {
    String typed =
        BYTES.replaceAll(
            "(?s)\"post_processor\":.*?\"add_prefix_space\":false}",
            "\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"</s>\",2],\"cls\":[\"<s>\",0]}");
    try (Tokenizer tokenizer = Tokenizer.open(folder(directory, typed, ""), roberta(), 0)) {
      assertThat(tokenizer.encode("hello", "hello").types()).containsOnly(0);
    }
    ModelConfig bert =
        ModelConfig.encoder("bert", 23, 8, 1, 2, 16, 40, 2, 1e-5, Activation.GELU, List.of());
    try (Tokenizer tokenizer = Tokenizer.open(folder(directory, typed, ""), bert, 0)) {
      assertThat(tokenizer.encode("hello", "hello").types()).contains(1);
    }
  }

  @Test
  void tooLongTextsLoseTheSideThatIsConfigured(@TempDir Path directory) throws IOException {
    String text = "hello world world world hello world";
    String left = "{\"truncation_side\": \"left\"}";
    try (Tokenizer tokenizer = Tokenizer.open(folder(directory, BYTES, left), roberta(), 6)) {
      assertThat(tokenizer.encode(text).ids()).containsExactly(0, 22, 8, 17, 22, 2);
      assertThat(tokenizer.encode(text).truncated()).isTrue();
      assertThat(tokenizer.encode("hello").truncated()).isFalse();
    }
    try (Tokenizer tokenizer = Tokenizer.open(new LocalFolder(directory), roberta(), 7)) {
      assertThat(tokenizer.encode("hello world world world", " world hello").ids())
          .containsExactly(0, 22, 22, 2, 2, 17, 2);
    }
    String baked =
        BYTES.replace(
            "\"normalizer\":null,",
            "\"normalizer\":null,\"truncation\":{\"direction\":\"Left\",\"max_length\":3,"
                + "\"strategy\":\"LongestFirst\",\"stride\":0},");
    try (Tokenizer tokenizer = Tokenizer.open(folder(directory, baked, "{}"), roberta(), 6)) {
      assertThat(tokenizer.encode(text).ids()).containsExactly(0, 22, 8, 17, 22, 2);
    }
    String right = "{\"truncation_side\": \"right\"}";
    try (Tokenizer tokenizer = Tokenizer.open(folder(directory, baked, right), roberta(), 6)) {
      assertThat(tokenizer.encode(text).ids()).containsExactly(0, 17, 22, 22, 22, 2);
    }
    LocalFolder middle = folder(directory, BYTES, "{\"truncation_side\": \"middle\"}");
    assertThatThrownBy(() -> Tokenizer.open(middle, roberta(), 6))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("truncation_side = \"middle\" is neither left nor right");
  }

  @Test
  void theLongestTextIsTheModelsUnlessAskedForMore(@TempDir Path directory) throws IOException {
    LocalFolder short12 = folder(directory, BYTES, "{\"model_max_length\": 12}");
    try (Tokenizer own = Tokenizer.open(short12, roberta(), 0);
        Tokenizer asked = Tokenizer.open(short12, roberta(), 20)) {
      assertThat(own.maxLength()).isEqualTo(12);
      assertThat(asked.maxLength()).isEqualTo(20);
    }
    LocalFolder endless =
        folder(directory, BYTES, "{\"model_max_length\": 1000000000000000019884624838656}");
    try (Tokenizer own = Tokenizer.open(endless, roberta(), 0)) {
      assertThat(own.maxLength()).isEqualTo(40);
    }
    LocalFolder none = folder(directory, BYTES, "{\"model_max_length\": 0}");
    assertThatThrownBy(() -> Tokenizer.open(none, roberta(), 0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("model_max_length = 0 is not a length");
  }

  @Test
  void lettersAreLoweredAsTheConfigurationSays(@TempDir Path directory) throws IOException {
    String words =
        "{\"version\":\"1.0\",\"added_tokens\":[],\"normalizer\":{\"type\":\"BertNormalizer\","
            + "\"clean_text\":true,\"handle_chinese_chars\":true,\"strip_accents\":null,"
            + "\"lowercase\":false},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
            + "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\","
            + "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,"
            + "\"vocab\":{\"[UNK]\":0,\"a\":1,\"A\":2,\"\u00e4\":3,\"\u00c4\":4}}}";
    String text = "a A \u00c4";
    assertThat(ids(folder(directory, words, ""), text)).containsExactly(1, 2, 4);
    assertThat(ids(folder(directory, words, "{\"do_lower_case\": false}"), text))
        .containsExactly(1, 2, 4);
    // Transformers' own default, whatever tokenizer.json says; accents go with upper case.
    assertThat(ids(folder(directory, words, "{\"tokenizer_class\": \"BertTokenizer\"}"), text))
        .containsExactly(1, 1, 1);
    assertThat(
            ids(
                folder(directory, words, "{\"do_lower_case\": true, \"strip_accents\": false}"),
                text))
        .containsExactly(1, 1, 3);
    assertThat(
            ids(
                folder(
                    directory,
                    words,
                    "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"do_lower_case\": true}"),
                text))
        .containsExactly(1, 2, 4);
    LocalFolder wrong = folder(directory, words, "{\"do_lower_case\": \"yes\"}");
    assertThatThrownBy(() -> ids(wrong, text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("do_lower_case = \"yes\" is neither true nor false");
  }

  private static int[] ids(LocalFolder folder, String text) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(folder, config(9, 9), 0)) {
      return tokenizer.encode(text).ids();
    }
  }
}
