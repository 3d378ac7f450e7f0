package dev.assay.jobs;

import com.typesafe.config.ConfigRenderOptions;
import dev.assay.recipe.Method;
import dev.assay.recipe.Methods;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code methods}: what can be swept. */
@Command(
    name = "methods",
    description = "Lists the methods with their parameters and citations.",
    mixinStandardHelpOptions = true)
final class MethodsCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    ConfigRenderOptions plain = ConfigRenderOptions.concise().setJson(false).setFormatted(false);
    for (Method method : Methods.builtIn().all()) {
      System.out.println(method.name());
      System.out.println("  " + method.summary());
      System.out.println("  " + method.parameters().root().render(plain));
      System.out.println("  " + method.citation());
    }
    return Main.OK;
  }
}
