package dev.assay.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Files in memory as a folder. */
public final class MemoryFolder implements Folder {
  private final Map<String, byte[]> files = new TreeMap<>();
  private final Map<String, Folder> folders = new TreeMap<>();
  private final List<MemorySource> opened = new ArrayList<>();

  public MemoryFolder with(String name, byte[] bytes) {
    files.put(name, bytes);
    return this;
  }

  public MemoryFolder with(String name, String text) {
    return with(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** This folder with another in it. */
  public MemoryFolder with(String name, Folder folder) {
    folders.put(name, folder);
    return this;
  }

  /** Bytes read so far of all files opened. */
  long bytesRead() {
    return opened.stream().mapToLong(MemorySource::bytesRead).sum();
  }

  @Override
  public String path() {
    return "mem:/model";
  }

  @Override
  public List<String> files() {
    return List.copyOf(files.keySet());
  }

  @Override
  public ByteSource open(String name) {
    MemorySource source = new MemorySource(path() + "/" + name, files.get(name));
    opened.add(source);
    return source;
  }

  @Override
  public Optional<Folder> folder(String name) {
    return Optional.ofNullable(folders.get(name));
  }
}
