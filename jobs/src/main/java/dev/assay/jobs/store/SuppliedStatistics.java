package dev.assay.jobs.store;

import dev.assay.InputException;
import dev.assay.checkpoint.Digests;
import dev.assay.checkpoint.Folder;
import dev.assay.plan.StatisticsIds;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** A folder with statistics that a user brought along. */
final class SuppliedStatistics {
  private static final String SUFFIX = ".safetensors";

  private SuppliedStatistics() {}

  /**
   * What stands for the files in ids: their headers, lengths, stamps and samples of their contents.
   *
   * @throws InputException if there is no file
   */
  static StatisticsIds ids(Folder folder) throws IOException {
    Map<String, String> identities = new TreeMap<>();
    for (String name : folder.files()) {
      if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
        String input = name.substring(0, name.length() - SUFFIX.length());
        identities.put(input, Digests.safetensors(folder, name));
      }
    }
    if (identities.isEmpty()) {
      throw new InputException(
          "statistics = " + folder.path(),
          "Has no file that ends in " + SUFFIX,
          "Give the folder of a calibration, <out>/<sweep>/statistics/<id>");
    }
    return new StatisticsIds.Supplied(identities);
  }
}
