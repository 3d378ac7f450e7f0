package dev.assay.jobs;

import dev.assay.InputException;
import dev.assay.jobs.tables.Table;
import dev.assay.plan.SweepSettings;
import org.apache.hadoop.conf.Configuration;

/** The arguments of the commands that read a sweep's configuration. */
final class SweepArguments extends ConfArguments {

  /**
   * Reads and checks the configuration.
   *
   * @param hadoop for a configuration file on another file system than the local one
   * @throws InputException if a file, key or value is wrong
   */
  SweepSettings settings(Configuration hadoop) {
    Given given = given(hadoop);
    SweepSettings settings = SweepSettings.read(given.file(), given.overrides());
    refuseTableName(settings.sweep());
    return settings;
  }

  /** Under the output, a folder called as a table is what tells one sweep's own folder. */
  private static void refuseTableName(String sweep) {
    for (Table table : Table.values()) {
      if (table.sqlName().equals(sweep)) {
        throw new InputException(
            "sweep", "'" + sweep + "' is the name of a table", "Choose another name");
      }
    }
  }
}
