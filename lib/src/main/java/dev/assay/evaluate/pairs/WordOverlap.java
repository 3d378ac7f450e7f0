package dev.assay.evaluate.pairs;

import dev.assay.evaluate.answers.Predictions;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The baseline that knows only which words two texts share. */
public final class WordOverlap {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

  private WordOverlap() {}

  /**
   * Jaccard's index of the sets of lower-cased words, |A ∩ B| / |A ∪ B|, from 0 to 1; a word is a
   * run of letters and digits. 1 where neither text has a word.
   */
  public static double of(String first, String second) {
    Set<String> a = words(first);
    Set<String> b = words(second);
    Set<String> shared = new HashSet<>(a);
    shared.retainAll(b);
    int union = a.size() + b.size() - shared.size();
    return union == 0 ? 1 : (double) shared.size() / union;
  }

  /** The overlap of every pair of a data set, one value a row. */
  public static Predictions of(Dataset pairs) {
    int[] rows = new int[pairs.size()];
    float[][] values = new float[pairs.size()][];
    for (Example pair : pairs.examples()) {
      rows[pair.row()] = pair.row();
      values[pair.row()] = new float[] {(float) of(pair.first(), pair.second())};
    }
    return Predictions.of(rows, values);
  }

  private static Set<String> words(String text) {
    Set<String> words = new HashSet<>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }
}
