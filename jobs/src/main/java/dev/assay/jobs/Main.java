package dev.assay.jobs;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The application: one subcommand per job. */
@Command(
    name = "assay",
    description = "Measures what compression costs a transformer.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = HelpCommand.class)
public final class Main {
  private Main() {}

  /** Runs one command; returns normally when it succeeds, exits with its status when not. */
  public static void main(String[] args) {
    int status = new CommandLine(new Main()).execute(args);
    // In YARN's cluster mode even exit(0) counts as a failure of the application.
    if (status != 0) {
      System.exit(status);
    }
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      BuildInfo build = BuildInfo.read();
      return new String[] {"Assay " + build.version() + " (" + build.commit() + ")"};
    }
  }
}
