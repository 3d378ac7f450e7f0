package dev.assay.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads damaged tokenizers in a process of its own, and leaves in a file which one it is at. */
final class TokenizerChild {
  private TokenizerChild() {}

  /**
   * Runs cases.
   *
   * @param args how many, and the file
   */
  public static void main(String[] args) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            Path.of(args[1]),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      ByteBuffer at = channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
      Target target = TokenizerTargets.tokenizer();
      Target.Damage damage =
          (file, other, seed) -> {
            at.putLong(0, seed);
            return target.damage().of(file, other, seed);
          };
      Fuzz.run(
          new Target(target.name(), target.where(), target.corpus(), damage, target.reader()),
          Integer.parseInt(args[0]));
    }
  }
}
