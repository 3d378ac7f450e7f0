package dev.assay.jobs.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * A file system that does not answer. It may pass: a task that meets it is tried again. On the
 * driver, before there is anything to lose, the address is most often wrong.
 */
public final class UnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  private UnreachableException(String message, IOException cause) {
    super(message, cause);
  }

  /** {@code e}, or what it means where nobody answered. */
  static IOException of(String path, Configuration conf, IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException
          || cause instanceof UnknownHostException
          || cause instanceof NoRouteToHostException
          || cause instanceof SocketTimeoutException) {
        String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return new UnreachableException(
            path
                + ": Its file system does not answer ("
                + said.lines().findFirst().orElse("").split("; For more details", 2)[0]
                + "). Check that it runs and its address; a path without a scheme is on"
                + " fs.defaultFS, "
                + FileSystem.getDefaultUri(conf)
                + ".",
            e);
      }
    }
    return e;
  }
}
