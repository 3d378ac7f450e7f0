package dev.assay.config;

import dev.assay.InputException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Finds blocks that are written side by side, {@code {…} {…}}. HOCON merges them into one: a comma
 * forgotten in a list of recipes makes one recipe of two, without a word. Nobody needs that of two
 * blocks; of a reference and a block it is how one block is built on another.
 */
final class SideBySide {
  private SideBySide() {}

  /**
   * Checks a text.
   *
   * @param text HOCON, valid or not
   * @param where the file, for the message
   */
  static void check(String text, String where) {
    Deque<Boolean> blocks = new ArrayDeque<>();
    int line = 1;
    boolean closed = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        int end = endOfString(text, i);
        line += (int) text.substring(i, end).chars().filter(each -> each == '\n').count();
        i = end - 1;
        closed = false;
      } else if (c == '#' || text.startsWith("//", i)) {
        int end = text.indexOf('\n', i);
        i = (end < 0 ? text.length() : end) - 1;
      } else if (c == '\n') {
        line++;
        closed = false;
      } else if (c == '{') {
        boolean block = i == 0 || text.charAt(i - 1) != '$';
        if (block && closed) {
          throw new InputException(
              where + ": " + line,
              "Two blocks stand side by side, {...} {...}, which HOCON merges into one",
              "Put a comma between them, or a line break, or write them as one block");
        }
        blocks.push(block);
        closed = false;
      } else if (c == '}') {
        closed = !blocks.isEmpty() && blocks.pop();
      } else if (!Character.isWhitespace(c)) {
        closed = false;
      }
    }
  }

  /** One past the quoted text that begins at {@code from}, or the text's end. */
  private static int endOfString(String text, int from) {
    if (text.startsWith("\"\"\"", from)) {
      int end = text.indexOf("\"\"\"", from + 3);
      while (end >= 0 && end + 3 < text.length() && text.charAt(end + 3) == '"') {
        end++;
      }
      return end < 0 ? text.length() : end + 3;
    }
    for (int i = from + 1; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == '"' || text.charAt(i) == '\n') {
        return i + 1;
      }
    }
    return text.length();
  }
}
