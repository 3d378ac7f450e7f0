package dev.assay.checkpoint;

import java.util.Comparator;

/** Names in the order a person expects: digits compare as numbers, layer.2 before layer.10. */
final class NaturalOrder {
  static final Comparator<String> COMPARATOR =
      ((Comparator<String>) NaturalOrder::compare).thenComparing(Comparator.naturalOrder());

  private NaturalOrder() {}

  private static int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      int order;
      if (isDigit(a.charAt(i)) && isDigit(b.charAt(j))) {
        int startA = skipZeros(a, i);
        int startB = skipZeros(b, j);
        i = skipDigits(a, startA);
        j = skipDigits(b, startB);
        order = Integer.compare(i - startA, j - startB);
        if (order == 0) {
          order = a.substring(startA, i).compareTo(b.substring(startB, j));
        }
      } else {
        order = Character.compare(a.charAt(i++), b.charAt(j++));
      }
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.length() - i, b.length() - j);
  }

  private static int skipZeros(String text, int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) == '0') {
      i++;
    }
    return i;
  }

  private static int skipDigits(String text, int from) {
    int i = from;
    while (i < text.length() && isDigit(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
