package dev.assay.jobs.cluster;

import dev.assay.linalg.Backend;
import dev.assay.linalg.NativeBlas;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.util.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the OpenBLAS that travels with the application under netlib in the driver and in every
 * executor, before their first BLAS class loads; nothing is installed on their machines.
 *
 * <p>Spark makes plugins after it has fetched an executor's jars and before it runs tasks. The
 * libraries (about 90 MB) are unpacked into a directory of this JVM alone under Spark's local
 * directory, which Spark deletes with the application. Where driver and executor share a JVM the
 * second installation finds the first. An executor that has to compute without OpenBLAS says so in
 * the driver's log.
 *
 * <p>Set by {@code submit.sh}: {@code spark.plugins=dev.assay.jobs.cluster.NativePlugin}.
 */
public final class NativePlugin implements SparkPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(NativePlugin.class);

  /** Made by Spark, by name. */
  public NativePlugin() {}

  @Override
  public DriverPlugin driverPlugin() {
    return new OnDriver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new OnExecutor();
  }

  private static Backend install(SparkConf conf) {
    // Executors of one application share Spark's local directory on YARN: a name of its own each.
    Path directory = Path.of(Utils.getLocalDir(conf), "assay-natives-" + UUID.randomUUID());
    return NativeBlas.install(directory);
  }

  private static final class OnDriver implements DriverPlugin {
    @Override
    public Map<String, String> init(SparkContext context, PluginContext plugin) {
      LOG.info("The driver computes on {}", install(plugin.conf()).name());
      return Map.of();
    }

    @Override
    public Object receive(Object message) {
      LOG.warn("{}", message);
      return null;
    }
  }

  private static final class OnExecutor implements ExecutorPlugin {
    @Override
    public void init(PluginContext plugin, Map<String, String> extraConf) {
      Backend backend = install(plugin.conf());
      if (plugin.executorID().equals("driver")) {
        return; // the driver's own JVM, which has said what it computes on
      }
      LOG.info("Executor {} computes on {}", plugin.executorID(), backend.name());
      if (backend.warning().isPresent()) {
        // Not plugin.hostname(): it fails where an executor has no server port of its own.
        String place = "Executor " + plugin.executorID() + " on " + Utils.localHostName() + ": ";
        try {
          plugin.send(place + backend.warning().get());
        } catch (IOException | RuntimeException e) {
          LOG.warn("Could not tell the driver about the missing native library", e);
        }
      }
    }
  }
}
