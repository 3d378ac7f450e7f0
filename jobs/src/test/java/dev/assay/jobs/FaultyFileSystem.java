package dev.assay.jobs;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.TaskContext;

/**
 * The local file system, where things go wrong that the configuration names: the product knows
 * nothing of it, and what happens (a JVM ends, a heap is full) really happens. Each {@link Fault}
 * happens once, however many JVMs there are; a file in a folder of marks says that it has.
 */
public final class FaultyFileSystem extends LocalFileSystem {
  private static final String FAULTS = "assay.test.faults";
  private static final String MARKS = "assay.test.marks";

  /** How often each fault's time has come in this JVM. */
  private static final Map<String, AtomicInteger> TIMES = new ConcurrentHashMap<>();

  /** Made by Hadoop. */
  public FaultyFileSystem() {
    super(new Raw());
  }

  /** Settings under which {@code faults} happen, as Hadoop's configuration has them. */
  static Map<String, String> settings(java.nio.file.Path marks, List<Fault> faults) {
    return Map.of(
        "fs.file.impl",
        FaultyFileSystem.class.getName(),
        "fs.file.impl.disable.cache",
        "true",
        MARKS,
        marks.toString(),
        FAULTS,
        Fault.write(faults));
  }

  private static final class Raw extends RawLocalFileSystem {
    private void strike(Fault.At at, Path path) throws IOException {
      Configuration conf = getConf();
      String line = conf == null ? "" : conf.get(FAULTS, "");
      if (line.isEmpty()) {
        return;
      }
      TaskContext task = TaskContext.get();
      String job = task == null ? "" : task.getLocalProperty("spark.job.description");
      java.nio.file.Path marks = java.nio.file.Path.of(conf.get(MARKS));
      for (Fault fault : Fault.read(line)) {
        if (fault.matches(at, path.toUri().getPath(), job == null ? "" : job)
            && (fault.what() == Fault.What.WAIT
                || fault.after().isEmpty()
                || Files.exists(marks.resolve(fault.after())))
            && time(marks.resolve(fault.name())) >= fault.nth()
            && (mark(marks.resolve(fault.name())) || fault.always())) {
          happen(fault, marks);
        }
      }
    }

    private static int time(java.nio.file.Path mark) {
      return TIMES.computeIfAbsent(mark.toString(), m -> new AtomicInteger()).incrementAndGet();
    }

    /** Whether this is the first time anywhere. */
    private static boolean mark(java.nio.file.Path mark) throws IOException {
      try {
        Files.createFile(mark);
        return true;
      } catch (FileAlreadyExistsException e) {
        return false;
      }
    }

    private static void happen(Fault fault, java.nio.file.Path marks) throws IOException {
      switch (fault.what()) {
        case HALT -> Runtime.getRuntime().halt(137);
        case FULL, FULL_ALWAYS -> throw new IOException("No space left on device");
        case WAIT -> await(marks.resolve(fault.after()));
        case EXHAUST, EXHAUST_ALWAYS -> {
          List<byte[]> full = new ArrayList<>();
          while (full.size() < Integer.MAX_VALUE) {
            full.add(new byte[8 << 20]);
          }
        }
      }
    }

    private static void await(java.nio.file.Path mark) throws IOException {
      try {
        for (int i = 0; i < 600 && !Files.exists(mark); i++) {
          Thread.sleep(100);
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public FSDataInputStream open(Path file, int bufferSize) throws IOException {
      strike(Fault.At.OPEN, file);
      return super.open(file, bufferSize);
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return created(
          file, super.create(file, overwrite, bufferSize, replication, blockSize, progress));
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return created(
          file,
          super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
    }

    private FSDataOutputStream created(Path file, FSDataOutputStream out) throws IOException {
      try {
        strike(Fault.At.CREATE, file);
        return out;
      } catch (IOException e) {
        out.close();
        throw e;
      }
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      strike(Fault.At.RENAME, to);
      boolean renamed = super.rename(from, to);
      strike(Fault.At.RENAMED, to);
      return renamed;
    }
  }
}
