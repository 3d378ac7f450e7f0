package dev.assay.task;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Digests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The lines of a tab-separated file without quoting: a quote character is text, a line ends with LF
 * or CRLF, the last one also with the file. UTF-8, read strictly; a byte-order mark at the
 * beginning is skipped, and so are empty lines at the end. Holds one block and one line.
 */
final class TsvReader {
  private static final int BLOCK = 1 << 20;

  /** No published line is near this; a file without line ends must not fill the memory. */
  private static final int LONGEST_LINE = 1 << 24;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final ByteSource source;
  private final MessageDigest digest = Digests.sha256();
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
  private byte[] block = new byte[0];
  private int at;
  private long position;
  private long line;
  private String text = "";

  TsvReader(ByteSource source) {
    this.source = source;
  }

  /** Number of the line that was read last, from 1. */
  long line() {
    return line;
  }

  /** The file and the line, for messages. */
  String where() {
    return source.path() + ", line " + line;
  }

  /** The fields of the line that was read last; an empty line is one empty field. */
  List<String> fields() {
    List<String> fields = new ArrayList<>();
    int begin = 0;
    for (int tab = text.indexOf('\t'); tab >= 0; tab = text.indexOf('\t', begin)) {
      fields.add(text.substring(begin, tab));
      begin = tab + 1;
    }
    fields.add(text.substring(begin));
    return fields;
  }

  /** Whether the line that was read last is empty. */
  boolean isEmpty() {
    return text.isEmpty();
  }

  /**
   * Reads a line. False at the end of the file.
   *
   * @throws InputException if it is not UTF-8, or longer than 16 MiB
   */
  boolean next() throws IOException {
    rest.reset();
    boolean any = false;
    while (at < block.length || fill()) {
      any = true;
      int end = at;
      while (end < block.length && block[end] != '\n') {
        end++;
      }
      rest.write(block, at, end - at);
      if (rest.size() > LONGEST_LINE) {
        line++;
        throw new InputException(
            where(),
            "Is longer than " + LONGEST_LINE + " bytes",
            "Give a tab-separated text file with one example a line.");
      }
      at = end + 1;
      if (end < block.length) {
        break;
      }
      at = end;
    }
    if (!any) {
      return false;
    }
    line++;
    text = decode(rest.toByteArray());
    return true;
  }

  /** SHA-256 of the file, once all of it has been read. */
  String sha256() {
    return Digests.hex(digest);
  }

  private boolean fill() throws IOException {
    int length = (int) Math.min(BLOCK, source.length() - position);
    if (length == 0) {
      return false;
    }
    block = new byte[length];
    source.readFully(position, block, 0, length);
    digest.update(block);
    position += length;
    at = 0;
    return true;
  }

  private String decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    decoder.reset();
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new InputException(
          where(),
          String.format(
              Locale.ROOT,
              "Is not UTF-8: byte 0x%02x at place %d of the line",
              bytes[in.position()] & 0xff,
              in.position() + 1),
          "Save the file as UTF-8 text.");
    }
    out.flip();
    int begin = line == 1 && out.length() > 0 && out.get(0) == BYTE_ORDER_MARK ? 1 : 0;
    int end = out.length();
    if (end > begin && out.get(end - 1) == '\r') {
      end--;
    }
    return out.subSequence(begin, end).toString();
  }
}
