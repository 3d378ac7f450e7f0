package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFolderTest {
  @TempDir Path directory;

  @Test
  void listsPlainFilesAndReadsByPosition() throws IOException {
    Files.write(directory.resolve("b"), new byte[] {1, 2, 3, 4, 5});
    Files.write(directory.resolve("a"), new byte[0]);
    Files.createDirectory(directory.resolve("c"));
    LocalFolder folder = new LocalFolder(directory);

    assertThat(folder.files()).containsExactly("a", "b");
    assertThat(folder.folder("c")).get().extracting(Folder::path).isEqualTo(directory + "/c");
    assertThat(folder.folder("a")).isEmpty();
    assertThat(folder.folder("d")).isEmpty();
    try (ByteSource source = folder.open("b")) {
      byte[] target = new byte[4];
      source.readFully(2, target, 1, 3);
      assertThat(target).containsExactly(0, 3, 4, 5);
      assertThat(source.length()).isEqualTo(5);
      assertThat(source.path()).isEqualTo(directory.resolve("b").toString());
      assertThat(source.stamp()).contains(FileStamp.ofLocal(directory.resolve("b")));
      assertThatThrownBy(() -> source.readFully(3, target, 0, 3)).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void refusesWhatIsNoDirectory() throws IOException {
    Path file = Files.write(directory.resolve("file"), new byte[1]);

    assertThatThrownBy(() -> new LocalFolder(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Is a file");
    assertThatThrownBy(() -> new LocalFolder(directory.resolve("none")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("No such directory");
  }
}
