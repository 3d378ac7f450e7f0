package dev.assay.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * What a store says of a file's contents without reading them. Of one path and length, equal texts
 * stand for equal contents as far as the store can tell.
 *
 * @param text a checksum or entity tag where the store keeps one, else the file's number and times
 * @param changed when the contents changed last, as times tell; {@link Instant#EPOCH} where the
 *     text is of the contents themselves
 */
public record FileStamp(String text, Instant changed) {
  /** Clocks of file systems move in steps of up to 10 ms; some count whole seconds. */
  private static final Duration STEP = Duration.ofMillis(50);

  private static final Duration COARSE_STEP = Duration.ofSeconds(2);

  /** The stamp of a store that keeps a checksum, an entity tag or a version of the contents. */
  public static FileStamp ofContents(String text) {
    return new FileStamp(text, Instant.EPOCH);
  }

  /** The stamp of a store that tells no more than when a file was modified. */
  public static FileStamp ofTime(Instant modified) {
    return new FileStamp("modified " + modified, modified);
  }

  /**
   * The stamp of a local file, links followed: device and number, modification and change. Programs
   * that copy and unpack set the time of modification at will; the time of the last change of file
   * or times is set by the kernel alone. Where there is no such time, that of modification counts.
   */
  public static FileStamp ofLocal(Path file) throws IOException {
    try {
      Map<String, Object> found = Files.readAttributes(file, "unix:dev,ino,ctime,lastModifiedTime");
      Instant changed = ((FileTime) found.get("ctime")).toInstant();
      String text =
          String.format(
              Locale.ROOT,
              "device %s, file %s, changed %s, modified %s",
              found.get("dev"),
              found.get("ino"),
              changed,
              found.get("lastModifiedTime"));
      return new FileStamp(text, changed);
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return ofTime(found.lastModifiedTime().toInstant());
    }
  }

  /**
   * When the file's store will give another stamp to whatever is written from then on: what is read
   * before may change and keep its stamp, within the same step of the clock.
   */
  public Instant settled() {
    return changed.plus(changed.getNano() == 0 ? COARSE_STEP : STEP);
  }
}
