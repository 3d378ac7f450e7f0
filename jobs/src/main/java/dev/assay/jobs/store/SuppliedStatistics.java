package dev.assay.jobs.store;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Extent;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.SafetensorsHeader;
import dev.assay.plan.StatisticsIds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A folder with statistics that a user brought along. */
public final class SuppliedStatistics {
  private static final String SUFFIX = ".safetensors";

  private SuppliedStatistics() {}

  /**
   * All bytes of all files.
   *
   * @throws InputException if there is no file, or one is no safetensors file
   */
  public static List<Extent> extents(Folder folder) throws IOException {
    List<Extent> files = new ArrayList<>();
    for (String name : folder.files()) {
      if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
        try (ByteSource source = folder.open(name)) {
          SafetensorsHeader.read(source);
          files.add(new Extent(name, 0, source.length()));
        }
      }
    }
    if (files.isEmpty()) {
      throw new InputException(
          "statistics = " + folder.path(),
          "Has no file that ends in " + SUFFIX,
          "Give the folder of a calibration, <out>/<sweep>/statistics/<id>");
    }
    return files;
  }

  /**
   * What stands for the files in ids: their contents; their names alone as long as nobody has read
   * them.
   *
   * @param digests those of the files that were read
   */
  public static StatisticsIds ids(List<Extent> files, Map<Extent, String> digests) {
    return new StatisticsIds.Supplied(
        files.stream()
            .collect(
                Collectors.toMap(
                    file -> file.file().substring(0, file.file().length() - SUFFIX.length()),
                    file -> digests.getOrDefault(file, "unread"))));
  }
}
