package dev.assay.fuzz;

import dev.assay.family.Activation;
import dev.assay.family.ModelConfig;
import dev.assay.model.TokenIds;
import dev.assay.model.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** {@code tokenizer.json}, read by Hugging Face's own library: native code, that may abort. */
final class TokenizerTargets {
  private static final String PATH = "mem:/model/tokenizer.json";
  private static final ModelConfig MODEL =
      ModelConfig.encoder("bert", 16, 8, 1, 2, 16, 32, 2, 1e-12, Activation.GELU, List.of());

  private static final List<String> TEXTS =
      List.of(
          "",
          "a b",
          "unknown words, a ab\u00fc!",
          " \t\n\u0000\u2581 ",
          "\u65e5\u672c \ud83c\udf89\u0301 a",
          "a ".repeat(200),
          "b".repeat(3000));

  private static final String ADDED =
      """
      "added_tokens":[
      {"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,
       "normalized":false,"special":true},
      {"id":1,"content":"[UNK]","single_word":true,"lstrip":true,"rstrip":true,
       "normalized":true,"special":true}],
      """;

  private static final String VOCABULARY =
      """
      "vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"a":4,"b":5,"##b":6,"ab":7,"\u0120":8}""";

  private static final String WORD_PIECE =
      """
      {"version":"1.0",
      "truncation":{"direction":"Right","max_length":8,"strategy":"LongestFirst","stride":0},
      "padding":{"strategy":{"Fixed":8},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,
        "pad_type_id":0,"pad_token":"[PAD]"},
      """
          + ADDED
          + """
      "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
        "strip_accents":null,"lowercase":true},
      "pre_tokenizer":{"type":"BertPreTokenizer"},
      "post_processor":{"type":"TemplateProcessing",
       "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
        {"SpecialToken":{"id":"[SEP]","type_id":0}}],
       "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
        {"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},
        {"SpecialToken":{"id":"[SEP]","type_id":1}}],
       "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
        "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
      "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
      "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
        "max_input_chars_per_word":100,
      """
          + VOCABULARY
          + "}}";

  private static final String BPE =
      """
      {"version":"1.0","truncation":null,"padding":null,
      """
          + ADDED
          + """
      "normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"},
       {"type":"Replace","pattern":{"Regex":" +"},"content":" "},{"type":"Prepend","prepend":"a"},
       {"type":"Strip","strip_left":true,"strip_right":true},{"type":"StripAccents"},
       {"type":"NFKD"},{"type":"Nmt"},{"type":"Replace","pattern":{"String":"q"},"content":""}]},
      "pre_tokenizer":{"type":"Sequence","pretokenizers":[
       {"type":"Split","pattern":{"Regex":"\\\\d{1,3}|[a-z]+"},"behavior":"Isolated","invert":false},
       {"type":"Punctuation","behavior":"Contiguous"},{"type":"Digits","individual_digits":true},
       {"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}]},
      "post_processor":{"type":"RobertaProcessing","sep":["[SEP]",3],"cls":["[CLS]",2],
       "trim_offsets":true,"add_prefix_space":true},
      "decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
      "model":{"type":"BPE","dropout":null,"unk_token":"[UNK]","continuing_subword_prefix":null,
       "end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":false,"ignore_merges":false,
      """
          + VOCABULARY
          + ",\"merges\":[[\"a\",\"b\"]]}}";

  private static final String UNIGRAM =
      """
      {"version":"1.0","truncation":null,"padding":null,
      """
          + ADDED
          + """
      "normalizer":{"type":"Sequence","normalizers":[
       {"type":"NFKC"},{"type":"Precompiled","precompiled_charsmap":"CHARSMAP"}]},
      "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always",
       "split":true},
      "post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},
      "decoder":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
      "model":{"type":"Unigram","unk_id":1,"byte_fallback":false,
       "vocab":[["[PAD]",0.0],["[UNK]",0.0],["[CLS]",-1.5],["[SEP]",-2.5],["\u2581a",-3.0],
        ["b",-4.0],["ab",-5.5]]}}
      """;

  private static final String WORD_LEVEL =
      """
      {"version":"1.0","truncation":null,"padding":null,
      """
          + ADDED
          + """
      "normalizer":null,
      "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},
       {"type":"CharDelimiterSplit","delimiter":"-"},{"type":"UnicodeScripts"},
       {"type":"Whitespace"}]},
      "post_processor":{"type":"Sequence","processors":[
       {"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true}]},
      "decoder":null,
      "model":{"type":"WordLevel","unk_token":"[UNK]",
      """
          + VOCABULARY
          + "}}";

  private TokenizerTargets() {}

  /** A trie of two nodes that replaces a by b. */
  private static String charsMap() {
    int[] units = new int[3 * 256];
    units[0] = 256 << 10;
    units[256 ^ 'a'] = 'a' | 1 << 8 | (256 ^ 'a' ^ 512) << 10;
    units[512] = 1 << 31 | 2;
    ByteBuffer map = ByteBuffer.allocate(4 + 4 * units.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    map.putInt(4 * units.length);
    for (int unit : units) {
      map.putInt(unit);
    }
    map.put(new byte[] {'x', 0, 'b', 0});
    return Base64.getEncoder().encodeToString(map.array());
  }

  static Target tokenizer() {
    List<byte[]> corpus = new ArrayList<>();
    for (String json : List.of(WORD_PIECE, BPE, UNIGRAM, WORD_LEVEL)) {
      corpus.add(json.replace("CHARSMAP", charsMap()).getBytes(StandardCharsets.UTF_8));
    }
    return new Target(
        "tokenizer",
        Pattern.compile(PATH),
        corpus,
        Damages.json(
            "BPE",
            "Unigram",
            "WordLevel",
            "WordPiece",
            "Sequence",
            "Precompiled",
            "ByteFallback",
            "Fuse",
            "Bert",
            "[UNK]",
            "[CLS]",
            "##",
            "(a*)*",
            "(",
            "ids",
            "Fixed",
            "BatchLongest",
            "MergedWithPrevious",
            "Removed",
            "Regex",
            "String",
            "type",
            "\u2581"),
        file -> {
          try (Tokenizer tokenizer = Tokenizer.of(file, PATH, MODEL, 24)) {
            for (String text : TEXTS) {
              check(tokenizer.encode(text));
              check(tokenizer.encode(text, "b a"));
            }
          }
        });
  }

  private static void check(TokenIds tokens) {
    for (int i = 0; i < tokens.length(); i++) {
      if (tokens.ids()[i] >= MODEL.vocabulary() || tokens.types()[i] >= MODEL.types()) {
        throw new IllegalStateException("No embedding of token " + tokens.ids()[i]);
      }
    }
    if (tokens.length() > 24) {
      throw new IllegalStateException("A text of " + tokens.length() + " tokens");
    }
  }
}
