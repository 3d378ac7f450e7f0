package dev.assay.model;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.assay.InputException;
import dev.assay.linalg.NativeBlas;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Hugging Face's tokenizers (Rust), as DJL packs them.
 *
 * <p>Only DJL's bridge to the library is used. Its own classes around it look for CUDA, unpack into
 * the home directory and, on Amazon's machines, report each use over the network.
 */
final class TokenizersRuntime {
  private static boolean loaded;

  private TokenizersRuntime() {}

  /**
   * Unpacks (14 MB, beside the other native libraries) and loads the library, once in a JVM.
   *
   * @throws InputException if there is none for this platform, or it cannot be loaded
   */
  static synchronized TokenizersLibrary load() {
    if (!loaded) {
      Path file = unpack();
      try {
        System.load(file.toString());
      } catch (LinkageError e) {
        throw new InputException(
            file.toString(), "Cannot be loaded: " + e, "The directory must allow execution.", e);
      }
      loaded = true;
    }
    return TokenizersLibrary.LIB;
  }

  private static Path unpack() {
    String file = System.mapLibraryName("tokenizers");
    String resource = "/native/lib/" + platform() + "/cpu/" + file;
    Path target = NativeBlas.directory().resolve("tokenizers").resolve(file);
    try (InputStream in = TokenizersLibrary.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new InputException(
            "Tokenizers",
            "No native library " + resource + " on the class path",
            "It comes with ai.djl.huggingface:tokenizers, for Linux on x86-64 and arm64 and macOS on arm64.");
      }
      Files.createDirectories(target.getParent());
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
      return target;
    } catch (IOException e) {
      throw new InputException(
          target.toString(), "Cannot be unpacked: " + e, "It needs about 15 MB there.", e);
    }
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch");
    return (system.startsWith("mac") ? "osx" : system.startsWith("win") ? "win" : "linux")
        + "-"
        + (machine.equals("amd64") ? "x86_64" : machine);
  }
}
