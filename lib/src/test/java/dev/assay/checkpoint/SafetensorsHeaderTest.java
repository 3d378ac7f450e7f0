package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsHeader.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsHeaderTest {
  private static SafetensorsHeader read(byte[] file) throws IOException {
    return SafetensorsHeader.read(new MemorySource("mem:/a.safetensors", file));
  }

  private static String tensor(String name, String dtype, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, dtype, shape, offsets);
  }

  private static String header(String... fields) {
    return "{" + String.join(",", fields) + "}";
  }

  @Test
  void readsWhatTheFormatAllows() throws IOException {
    String header =
        header(
                "\"__metadata__\":{\"format\":\"pt\",\"ü\":\"\\u00e9\"}",
                tensor("b", "F16", "[2,3]", "[8,20]"),
                tensor("scalar", "F64", "[]", "[0,8]"),
                tensor("empty", "F32", "[0,5]", "[20,20]"),
                "\"extra\":{\"note\":{\"deep\":[1,[2]]},\"dtype\":\"F4\",\"shape\":[2,1],"
                    + "\"data_offsets\":[20,21]}")
            + "   \n";

    SafetensorsHeader read = read(Bytes.file(header, 21));

    long start = 8L + header.getBytes(StandardCharsets.UTF_8).length;
    assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "ü", "é"));
    assertThat(read.entries())
        .containsExactly(
            new Entry("scalar", ElementType.F64, List.of(), start, start + 8),
            new Entry("b", ElementType.F16, List.of(2L, 3L), start + 8, start + 20),
            new Entry("empty", ElementType.F32, List.of(0L, 5L), start + 20, start + 20),
            new Entry("extra", ElementType.F4, List.of(2L, 1L), start + 20, start + 21));
    assertThat(read.entries().get(0).elements()).isEqualTo(1);
    assertThat(read.entries().get(2).elements()).isZero();
  }

  @Test
  void anEmptyFileOfTensorsIsLegal() throws IOException {
    assertThat(read(Bytes.file("{}", 0)).entries()).isEmpty();
    assertThat(read(Bytes.file("{\"__metadata__\":null}", 0)).metadata()).isEmpty();
  }

  @Test
  void knowsEveryTypeOfTheReference() throws IOException {
    for (ElementType type : ElementType.values()) {
      String header = header(tensor("t", type.name(), "[8]", "[0," + type.bits() + "]"));
      assertThat(read(Bytes.file(header, type.bits())).entries().get(0).type()).isEqualTo(type);
    }
    assertThat(ElementType.values()).hasSize(22);
  }

  @Test
  void digestIsOfTheHeaderAlone() throws IOException {
    byte[] file = Bytes.file(header(tensor("t", "U8", "[4]", "[0,4]")), 4);
    byte[] otherData = file.clone();
    otherData[file.length - 1] = 9;
    byte[] otherHeader = Bytes.file(header(tensor("u", "U8", "[4]", "[0,4]")), 4);

    assertThat(read(file).digest()).hasSize(64).isEqualTo(read(otherData).digest());
    assertThat(read(file).digest()).isNotEqualTo(read(otherHeader).digest());
  }

  static Stream<Arguments> broken() {
    byte[] seven = Arrays.copyOf(Bytes.file("{}", 0), 7);
    byte[] notUtf8 = header(tensor("t?", "U8", "[0]", "[0,0]")).getBytes(StandardCharsets.UTF_8);
    notUtf8[3] = (byte) 0xff;
    byte[] overlong = "{\"??\":null}".getBytes(StandardCharsets.UTF_8);
    overlong[2] = (byte) 0xc0;
    overlong[3] = (byte) 0xaf;
    String one = tensor("t", "F32", "[2]", "[0,8]");
    String deep = "{\"t\":{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}}";
    return Stream.of(
        Arguments.of("no bytes", new byte[0], "Has 0 bytes"),
        Arguments.of("7 bytes", seven, "Has 7 bytes"),
        Arguments.of("length 0", Bytes.file(0, new byte[0], 0), "Header length is 0"),
        Arguments.of("length 0, data", Bytes.file(0, new byte[0], 9), "Header length is 0"),
        Arguments.of(
            "length 2^63",
            Bytes.file(Long.MIN_VALUE, new byte[20], 0),
            "Header length is 9223372036854775808 bytes; the limit is 100000000"),
        Arguments.of(
            "length 2^64-1", Bytes.file(-1, new byte[20], 0), "is 18446744073709551615 bytes"),
        Arguments.of("over the limit", Bytes.file(100_000_001, new byte[9], 0), "100000001 bytes"),
        Arguments.of(
            "longer than the file",
            Bytes.file(100_000_000, new byte[9], 0),
            "Header length is 100000000 bytes, but the file has only 17"),
        Arguments.of("space first", Bytes.file(" {}", 0), "begins with byte 0x20"),
        Arguments.of("array", Bytes.file("[]", 0), "begins with byte 0x5b"),
        Arguments.of("not closed", Bytes.file("{", 0), "JSON is broken"),
        Arguments.of("trailing text", Bytes.file("{}x", 0), "JSON is broken"),
        Arguments.of("second object", Bytes.file("{}{}", 0), "Something follows"),
        Arguments.of("trailing NUL", Bytes.file("{}\0", 0), "JSON is broken"),
        Arguments.of("not UTF-8", Bytes.file(notUtf8.length, notUtf8, 0), "not valid UTF-8"),
        Arguments.of("overlong UTF-8", Bytes.file(overlong.length, overlong, 0), "valid UTF-8"),
        Arguments.of("half a surrogate", Bytes.file("{\"\\ud800\":{}}", 0), "surrogate"),
        Arguments.of(
            "half a surrogate in a value",
            Bytes.file("{\"__metadata__\":{\"a\":\"\\udc00\"}}", 0),
            "__metadata__ \"a\" holds half of a surrogate pair"),
        Arguments.of("deep nesting", Bytes.file(deep, 0), "JSON is broken"),
        Arguments.of("tensor twice", Bytes.file(header(one, one), 8), "Duplicate"),
        Arguments.of(
            "key twice",
            Bytes.file(header(one.replace("}", ",\"dtype\":\"F32\"}")), 8),
            "Duplicate"),
        Arguments.of(
            "metadata twice",
            Bytes.file("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
            "Duplicate"),
        Arguments.of(
            "metadata number",
            Bytes.file("{\"__metadata__\":{\"n\":1}}", 0),
            "__metadata__ \"n\" is 1, not a string"),
        Arguments.of("metadata text", Bytes.file("{\"__metadata__\":\"x\"}", 0), "not an object"),
        Arguments.of("tensor null", Bytes.file("{\"t\":null}", 0), "tensor t: Is VALUE_NULL"),
        Arguments.of("no dtype", Bytes.file("{\"t\":{\"shape\":[]}}", 0), "Lacks dtype"),
        Arguments.of(
            "unknown dtype",
            Bytes.file(header(tensor("t", "F33", "[2]", "[0,8]")), 8),
            "tensor t: dtype \"F33\""),
        Arguments.of(
            "lower-case dtype",
            Bytes.file(header(tensor("t", "f32", "[2]", "[0,8]")), 8),
            "tensor t: dtype \"f32\""),
        Arguments.of(
            "negative dimension",
            Bytes.file(header(tensor("t", "F32", "[-2]", "[0,8]")), 8),
            "shape holds -2"),
        Arguments.of(
            "fractional dimension",
            Bytes.file(header(tensor("t", "F32", "[2.0]", "[0,8]")), 8),
            "shape holds 2.0"),
        Arguments.of(
            "dimension 2^63",
            Bytes.file(header(tensor("t", "F32", "[9223372036854775808]", "[0,8]")), 8),
            "shape holds 9223372036854775808"),
        Arguments.of(
            "overflowed product",
            Bytes.file(header(tensor("t", "F32", "[4294967296,4294967296]", "[0,0]")), 0),
            "overflows 64 bits"),
        Arguments.of(
            "overflowed bits",
            Bytes.file(header(tensor("t", "F32", "[576460752303423488]", "[0,0]")), 0),
            "overflows 64 bits"),
        Arguments.of(
            "nested shape",
            Bytes.file(header(tensor("t", "F32", "[[2]]", "[0,8]")), 8),
            "shape holds an array"),
        Arguments.of(
            "65 dimensions",
            Bytes.file(header(tensor("t", "U8", "[" + "1,".repeat(64) + "1]", "[0,1]")), 1),
            "shape has more than 64"),
        Arguments.of(
            "half a byte",
            Bytes.file(header(tensor("t", "F4", "[3]", "[0,1]")), 1),
            "does not fill whole bytes"),
        Arguments.of(
            "one offset", Bytes.file(header(tensor("t", "F32", "[2]", "[8]")), 8), "[begin, end]"),
        Arguments.of(
            "three offsets",
            Bytes.file(header(tensor("t", "F32", "[2]", "[0,8,8]")), 8),
            "data_offsets has more than 2"),
        Arguments.of(
            "reversed offsets",
            Bytes.file(header(tensor("t", "F32", "[2]", "[8,0]")), 8),
            "end before they begin"),
        Arguments.of(
            "shape and offsets differ",
            Bytes.file(header(tensor("t", "F32", "[3]", "[0,8]")), 8),
            "hold 8 bytes, but shape [3] of F32 takes 12"),
        Arguments.of(
            "hole at the start",
            Bytes.file(header(tensor("t", "F32", "[2]", "[4,12]")), 12),
            "tensor t: Leaves a hole of 4 bytes behind the header"),
        Arguments.of(
            "hole",
            Bytes.file(header(one, tensor("u", "F32", "[1]", "[12,16]")), 16),
            "tensor u: Leaves a hole of 4 bytes behind tensor t"),
        Arguments.of(
            "overlap",
            Bytes.file(header(one, tensor("u", "F32", "[2]", "[4,12]")), 12),
            "tensor u: Overlaps tensor t by 4 bytes"),
        Arguments.of(
            "same bytes twice",
            Bytes.file(header(one, tensor("u", "F32", "[2]", "[0,8]")), 8),
            "tensor u: Overlaps tensor t by 8 bytes"),
        Arguments.of(
            "beyond any file",
            Bytes.file(
                header(tensor("t", "U8", "[0]", "[9223372036854775807,9223372036854775807]")), 0),
            "beyond any file"),
        Arguments.of("truncated", Bytes.file(header(one), 7), "The file is truncated"),
        Arguments.of("one byte more", Bytes.file(header(one), 9), "but its header describes"),
        Arguments.of(
            "a pickle",
            "PK\3\4 and more of it".getBytes(StandardCharsets.US_ASCII),
            "loading a pickle can run any code"),
        Arguments.of(
            "a Git LFS pointer",
            "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.US_ASCII),
            "git lfs pull"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void refuses(String what, byte[] file, String message) {
    assertThatThrownBy(() -> read(file))
        .as(what)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("mem:/a.safetensors")
        .hasMessageContaining(message);
  }
}
