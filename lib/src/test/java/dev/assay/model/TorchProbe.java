package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.linalg.NativeBlas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.openblas.global.openblas_full;
import org.bytedeco.pytorch.global.torch;

/** A program for JVMs of its own: runs a tiny model, tells what is loaded before and after. */
final class TorchProbe {
  private TorchProbe() {}

  /**
   * @param args the directory for native libraries, the model's directory
   */
  public static void main(String[] args) throws IOException {
    NativeBlas.install(Path.of(args[0]));
    printMaps("before");
    LocalFolder folder = new LocalFolder(Path.of(args[1]));
    try (Model model = ModelLoader.load(folder)) {
      Batch batch = Batch.of(List.of(new TokenIds(new int[] {1, 2}, new int[2], false)));
      System.out.println("embedding=" + model.embeddings(batch)[0].length);
      System.out.println("torch=" + torch.get_num_threads());
      System.out.println("interop=" + torch.get_num_interop_threads());
      System.out.println("blas=" + openblas_full.openblas_get_num_threads());
    } catch (InputException e) {
      System.out.println("error=" + e.getMessage());
    }
    printMaps("after");
  }

  private static void printMaps(String key) throws IOException {
    Path maps = Path.of("/proc/self/maps");
    if (Files.exists(maps)) {
      try (Stream<String> lines = Files.lines(maps)) {
        lines
            .filter(line -> line.contains("/"))
            .map(line -> line.substring(line.indexOf('/')))
            .distinct()
            .forEach(path -> System.out.println(key + "=" + path));
      }
    }
  }
}
