package dev.assay.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DTypeTest {
  /** The value of a pattern by IEEE 754's definition: any small format with a sign bit. */
  private static double value(int pattern, int exponentBits, int mantissaBits) {
    int exponent = (pattern >> mantissaBits) & ((1 << exponentBits) - 1);
    int mantissa = pattern & ((1 << mantissaBits) - 1);
    int bias = (1 << (exponentBits - 1)) - 1;
    double sign = (pattern >> (exponentBits + mantissaBits)) == 0 ? 1 : -1;
    double fraction = mantissa / (double) (1 << mantissaBits);
    if (exponent == (1 << exponentBits) - 1) {
      return mantissa == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * Math.pow(2, 1 - bias)
        : sign * (1 + fraction) * Math.pow(2, exponent - bias);
  }

  /** Nearest pattern of a non-negative number by trial of all neighbours; even wins a tie. */
  private static int nearest(double x, int exponentBits, int mantissaBits) {
    int infinity = ((1 << exponentBits) - 1) << mantissaBits;
    int low = 0;
    int high = infinity;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (value(middle, exponentBits, mantissaBits) <= x) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double below = value(low, exponentBits, mantissaBits);
    double above =
        high == infinity
            ? below + (below - value(low - 1, exponentBits, mantissaBits))
            : value(high, exponentBits, mantissaBits);
    double middle = below / 2 + above / 2;
    if (x == middle) {
      return low % 2 == 0 ? low : high;
    }
    return x < middle ? low : high;
  }

  @Test
  void everyHalfWidensToItsValueAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float actual = DType.halfToFloat((short) bits);
      double expected = value(bits, 5, 10);
      assertThat((double) actual).as("0x%04x", bits).isEqualTo(Double.valueOf(expected));
      int back = DType.floatToHalf(actual) & 0xffff;
      if (Double.isNaN(expected)) {
        assertThat(DType.halfToFloat((short) back)).isNaN();
      } else {
        assertThat(back).isEqualTo(bits);
      }
    }
  }

  @Test
  void everyBfloatWidensToItsValueAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float actual = DType.bfloatToFloat((short) bits);
      double expected = value(bits, 8, 7);
      assertThat((double) actual).as("0x%04x", bits).isEqualTo(Double.valueOf(expected));
      int back = DType.floatToBfloat(actual) & 0xffff;
      if (Double.isNaN(expected)) {
        assertThat(DType.bfloatToFloat((short) back)).isNaN();
      } else {
        assertThat(back).isEqualTo(bits);
      }
    }
  }

  @Test
  void narrowsToTheNearestHalfAtEveryMidpoint() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      double below = value(bits, 5, 10);
      double above = bits == 0x7bff ? 65536 : value(bits + 1, 5, 10);
      float middle = (float) (below / 2 + above / 2);
      for (float x : new float[] {Math.nextDown(middle), middle, Math.nextUp(middle)}) {
        int expected = nearest(x, 5, 10);
        assertThat(DType.floatToHalf(x) & 0xffff).as("%s", x).isEqualTo(expected);
        assertThat(DType.floatToHalf(-x) & 0xffff).as("%s", -x).isEqualTo(expected | 0x8000);
      }
    }
  }

  @Test
  void narrowsRandomFloatsToTheNearest() {
    Random random = new Random(17);
    for (int i = 0; i < 200_000; i++) {
      float x = Math.abs(Float.intBitsToFloat(random.nextInt()));
      if (!Float.isFinite(x)) {
        continue;
      }
      assertThat(DType.floatToHalf(x) & 0xffff).as("%s", x).isEqualTo(nearest(x, 5, 10));
      assertThat(DType.floatToBfloat(x) & 0xffff).as("%s", x).isEqualTo(nearest(x, 8, 7));
    }
  }

  @Test
  void narrowsToTheNearestBfloatAtEveryMidpoint() {
    for (int bits = 0; bits < 0x7f80; bits++) {
      float middle = Float.intBitsToFloat((bits << 16) | 0x8000);
      for (float x : new float[] {Math.nextDown(middle), middle, Math.nextUp(middle)}) {
        assertThat(DType.floatToBfloat(x) & 0xffff).as("%s", x).isEqualTo(nearest(x, 8, 7));
      }
    }
  }

  @Test
  void keepsInfinitiesAndNaN() {
    assertThat(DType.F16.round(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(DType.BF16.round(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(DType.F16.round(1e5f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(DType.BF16.round(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
    for (int payload : new int[] {0x7f800001, 0x7fffffff, 0xff800001, 0xffffffff}) {
      assertThat(DType.F16.round(Float.intBitsToFloat(payload))).isNaN();
      assertThat(DType.BF16.round(Float.intBitsToFloat(payload))).isNaN();
    }
  }
}
