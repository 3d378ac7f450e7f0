package dev.assay.jobs.bench;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import dev.assay.linalg.Factors;
import dev.assay.part.CompressedMatrix;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Methods;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.RecipeGrid;
import dev.assay.stats.Fisher;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Compressing and decoding a 768 × 768 matrix; the peer is {@code copy}, which moves the same number
 * of entries and does nothing with them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QuantizeBenchmark {
  @Param({
    "{method = rtn, granularity = row}",
    "{method = rtn, granularity = \"group(64)\"}",
    "{method = rtn, granularity = row, clip = mse}",
    "{method = magnitude-preserve, keep = 4096}",
  })
  public String entry;

  private Matrix weight;
  private Recipe recipe;
  private CompressedMatrix compressed;

  /** No recipe here asks for anything. */
  private static final class Nothing implements Knowledge {
    @Override
    public Factors factors(int rank) {
      throw new IllegalStateException("No factors here");
    }

    @Override
    public InputStatistics statistics() {
      throw new IllegalStateException("No statistics here");
    }

    @Override
    public Fisher fisher() {
      throw new IllegalStateException("No gradients here");
    }

    @Override
    public List<Matrix> peers() {
      throw new IllegalStateException("No peers here");
    }

    @Override
    public <T> T once(Object key, Supplier<T> make) {
      return make.get();
    }

    @Override
    public long seed(String purpose) {
      return 0;
    }

    @Override
    public long sharedSeed(String purpose) {
      return 0;
    }
  }

  @Setup
  public void make() {
    SplittableRandom random = new SplittableRandom(1);
    float[] data = new float[768 * 768];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (random.nextDouble() + random.nextDouble() - 1);
    }
    weight = Matrix.of(768, 768, data);
    List<? extends ConfigObject> blocks =
        ConfigFactory.parseString("r = [" + entry + "]").getObjectList("r");
    recipe = RecipeGrid.expand(List.copyOf(blocks), Methods.builtIn()).get(0).recipe();
    compressed = recipe.compress(weight, DType.F32, new Nothing());
  }

  @Benchmark
  public CompressedMatrix compress() {
    return recipe.compress(weight, DType.F32, new Nothing());
  }

  @Benchmark
  public Matrix decode() {
    return compressed.decode();
  }

  @Benchmark
  public Matrix copy() {
    return weight.copy();
  }
}
