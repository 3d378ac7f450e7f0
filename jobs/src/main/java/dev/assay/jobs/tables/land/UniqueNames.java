package dev.assay.jobs.tables.land;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Names under which nobody else writes. */
public final class UniqueNames {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private UniqueNames() {}

  /** For a run: the time in UTC and eight random hexadecimal digits. */
  public static String run() {
    byte[] unique = new byte[4];
    ThreadLocalRandom.current().nextBytes(unique);
    return STAMP.format(Instant.now()) + "-" + HexFormat.of().formatHex(unique);
  }

  /** For the {@code number}th data file of a run, as {@link OutputFolder#DATA_FILES} finds it. */
  public static String dataFile(int number) {
    return String.format(
        Locale.ROOT, "part-%05d-%s.parquet", number, UUID.randomUUID().toString().replace("-", ""));
  }
}
