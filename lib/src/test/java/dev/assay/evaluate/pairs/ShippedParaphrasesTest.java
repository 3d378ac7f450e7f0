package dev.assay.evaluate.pairs;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What docs/paraphrases.md promises about the paraphrase set, as far as code can check it. */
class ShippedParaphrasesTest {
  private static final String FILE = "/dev/assay/evaluate/pairs/paraphrases.tsv";
  private static final String HEADER = "id\tsplit\tlabel\tkind\tsentence1\tsentence2";
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+(?:['’][\\p{L}\\p{N}]+)*");
  private static final int MOST_USES_OF_A_TEMPLATE = 3;
  private static final double MOST_ACCURATE_OVERLAP = 0.60;

  /** Words without content of their own; every other word is a slot of a template. */
  private static final Set<String> FUNCTION_WORDS =
      Set.of(
          """
          a an the and or but nor so yet if unless until while when whenever before after since
          because as although though that than then which who whom whose what where why how this
          these those there here it its it's i me my mine we us our ours you your yours he him his
          she her hers they them their theirs oneself himself herself itself themselves one each
          every either neither both all any some no none not never nobody somebody someone anyone
          everyone everybody nothing something few most more less least only just even also too
          very quite be am is are was were been being isn't aren't wasn't weren't have has had
          having haven't hasn't hadn't do does did done don't doesn't didn't will would won't
          wouldn't shall should shouldn't can could can't cannot couldn't may might must to of in
          on at by for from with without within into onto out up down off over under above below
          between behind beside near through across along around about against during past per
          despite like once again ever still already
          """
              .trim()
              .split("\\s+"));

  private final List<String> lines = read();
  private final List<Pair> pairs =
      lines.stream().skip(1).map(line -> Pair.of(line.split("\t", -1))).toList();

  @Test
  void isTsvWithoutQuoting() {
    assertThat(lines.get(0)).isEqualTo(HEADER);
    assertThat(lines.subList(1, lines.size()))
        .allSatisfy(
            line -> {
              assertThat(line.split("\t", -1)).hasSize(6);
              assertThat(line.chars().filter(c -> c != '\t').noneMatch(Character::isISOControl))
                  .isTrue();
              assertThat(line).doesNotContain("\"").doesNotContain("  ");
            });
    assertThat(pairs)
        .allSatisfy(
            pair -> {
              assertThat(pair.kind()).matches("[a-z]+(-[a-z]+)?");
              assertThat(pair.sentences())
                  .allSatisfy(s -> assertThat(s).matches("[\\p{Lu}].*[.?!]").isEqualTo(s.strip()));
            });
  }

  @Test
  void numbersItsPairs() {
    for (int i = 0; i < pairs.size(); i++) {
      assertThat(pairs.get(i).id()).isEqualTo(String.format(Locale.ROOT, "p%03d", i + 1));
    }
  }

  @Test
  void isBalanced() {
    assertThat(pairs).hasSize(400);
    assertThat(pairs.stream().collect(groupingBy(Pair::cell, counting())))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("train/1", 80L, "train/0", 80L, "test/1", 120L, "test/0", 120L));
  }

  @Test
  void namesAKindForOneLabelOnly() {
    assertThat(pairs.stream().collect(groupingBy(Pair::kind)))
        .allSatisfy(
            (kind, of) -> {
              assertThat(of).hasSizeGreaterThanOrEqualTo(2);
              assertThat(of.stream().map(Pair::label).distinct()).as(kind).hasSize(1);
            });
  }

  @Test
  void repeatsNoSentence() {
    Set<List<String>> seen = new HashSet<>();
    assertThat(sentences()).allSatisfy(s -> assertThat(seen.add(words(s))).as(s).isTrue());
    assertThat(seen).hasSize(2 * pairs.size());
  }

  @Test
  void keepsSentencesBetweenFiveAndThirtyWords() {
    assertThat(sentences()).allSatisfy(s -> assertThat(words(s)).hasSizeBetween(5, 30));
  }

  @Test
  void usesNoTemplateMoreThanThreeTimes() {
    Map<String, List<String>> uses = new HashMap<>();
    for (String sentence : sentences()) {
      uses.computeIfAbsent(template(sentence), t -> new ArrayList<>()).add(sentence);
    }
    assertThat(uses)
        .allSatisfy(
            (template, of) ->
                assertThat(of).as(template).hasSizeLessThanOrEqualTo(MOST_USES_OF_A_TEMPLATE));
  }

  @ParameterizedTest
  @EnumSource
  void isNotSolvedByWordOverlap(Overlap overlap) {
    List<Scored> train = scored("train", overlap);
    List<Scored> test = scored("test", overlap);
    Rule more = best(train, Direction.MORE_IS_PARAPHRASE);
    Rule fewer = best(train, Direction.FEWER_IS_PARAPHRASE);
    Rule learned = accuracy(more, train) >= accuracy(fewer, train) ? more : fewer;
    assertThat(accuracy(learned, test)).isBetween(0.40, MOST_ACCURATE_OVERLAP);
    assertThat(accuracy(more, test)).isBetween(0.40, MOST_ACCURATE_OVERLAP);
    assertThat(accuracy(fewer, test)).isBetween(0.40, MOST_ACCURATE_OVERLAP);
  }

  @ParameterizedTest
  @EnumSource
  void isNotSolvedByWordOverlapEvenWithTheThresholdThatSuitsTheTestPart(Overlap overlap) {
    List<Scored> test = scored("test", overlap);
    for (Direction direction : Direction.values()) {
      assertThat(accuracy(best(test, direction), test))
          .as("%s", direction)
          .isBetween(0.50, MOST_ACCURATE_OVERLAP);
    }
  }

  /** Three ways to put a number on the words that two sentences share. */
  private enum Overlap implements ToDoubleFunction<Pair> {
    JACCARD {
      @Override
      public double applyAsDouble(Pair pair) {
        return jaccard(pair, w -> true);
      }
    },
    JACCARD_OF_CONTENT_WORDS {
      @Override
      public double applyAsDouble(Pair pair) {
        return jaccard(pair, w -> !FUNCTION_WORDS.contains(w));
      }
    },
    SHARED_PART_OF_THE_SHORTER {
      @Override
      public double applyAsDouble(Pair pair) {
        Set<String> a = new HashSet<>(words(pair.sentence1()));
        Set<String> b = new HashSet<>(words(pair.sentence2()));
        return (double) shared(a, b) / Math.min(a.size(), b.size());
      }
    };

    static double jaccard(Pair pair, Predicate<String> counts) {
      Set<String> a = new HashSet<>(words(pair.sentence1()).stream().filter(counts).toList());
      Set<String> b = new HashSet<>(words(pair.sentence2()).stream().filter(counts).toList());
      int shared = shared(a, b);
      return (double) shared / Math.max(1, a.size() + b.size() - shared);
    }

    static int shared(Set<String> a, Set<String> b) {
      return (int) a.stream().filter(b::contains).count();
    }
  }

  private enum Direction {
    MORE_IS_PARAPHRASE,
    FEWER_IS_PARAPHRASE
  }

  private record Scored(double overlap, boolean paraphrase) {}

  private record Rule(Direction direction, double threshold) {
    boolean isRight(Scored pair) {
      boolean more = pair.overlap() > threshold;
      return (more == (direction == Direction.MORE_IS_PARAPHRASE)) == pair.paraphrase();
    }
  }

  private record Pair(
      String id, String split, String label, String kind, String sentence1, String sentence2) {
    static Pair of(String[] f) {
      return new Pair(f[0], f[1], f[2], f[3], f[4], f[5]);
    }

    String cell() {
      return split + "/" + label;
    }

    List<String> sentences() {
      return List.of(sentence1, sentence2);
    }
  }

  private List<Scored> scored(String split, Overlap overlap) {
    return pairs.stream()
        .filter(p -> p.split().equals(split))
        .map(p -> new Scored(overlap.applyAsDouble(p), p.label().equals("1")))
        .toList();
  }

  /** The most accurate threshold, halfway between neighbouring values or outside all of them. */
  private static Rule best(List<Scored> part, Direction direction) {
    TreeSet<Double> values = new TreeSet<>(part.stream().map(Scored::overlap).toList());
    Rule best = new Rule(direction, values.first() - 1);
    for (double value : values) {
      Double next = values.higher(value);
      Rule rule = new Rule(direction, next == null ? value + 1 : (value + next) / 2);
      if (accuracy(rule, part) > accuracy(best, part)) {
        best = rule;
      }
    }
    return best;
  }

  private static double accuracy(Rule rule, List<Scored> part) {
    return (double) part.stream().filter(rule::isRight).count() / part.size();
  }

  private List<String> sentences() {
    return pairs.stream().map(Pair::sentences).flatMap(List::stream).toList();
  }

  /** Function words as they are, every run of other words as one slot. */
  private static String template(String sentence) {
    List<String> parts = new ArrayList<>();
    for (String word : words(sentence)) {
      String part = FUNCTION_WORDS.contains(word) ? word : "_";
      if (parts.isEmpty() || !(part.equals("_") && parts.get(parts.size() - 1).equals("_"))) {
        parts.add(part);
      }
    }
    return String.join(" ", parts);
  }

  private static List<String> words(String sentence) {
    return WORD.matcher(sentence.toLowerCase(Locale.ROOT))
        .results()
        .map(MatchResult::group)
        .toList();
  }

  private static List<String> read() {
    try (InputStream in =
        Objects.requireNonNull(ParaphraseSetTest.class.getResourceAsStream(FILE), FILE)) {
      // A decoder of its own, since String's constructor would replace what is not UTF-8.
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(in.readAllBytes())).toString();
      assertThat(text).endsWith("\n").doesNotStartWith("\uFEFF");
      return text.lines().toList();
    } catch (CharacterCodingException e) {
      throw new AssertionError(FILE + " is not UTF-8", e);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
