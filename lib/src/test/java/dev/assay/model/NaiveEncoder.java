package dev.assay.model;

import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * A {@link TinyModel} computed one text at a time in double precision by loops that follow the
 * formulas of the papers: what the runtime is measured against.
 */
final class NaiveEncoder {
  private final TinyModel model;
  private final DoubleUnaryOperator activation;
  private final double epsilon;
  private final Map<String, UnaryOperator<double[]>> replaced = new HashMap<>();

  NaiveEncoder(TinyModel model, DoubleUnaryOperator activation, double epsilon) {
    this.model = model;
    this.activation = activation;
    this.epsilon = epsilon;
  }

  /** Computes {@code product} in the place of W·x in the linear {@code name}. */
  NaiveEncoder replace(String name, UnaryOperator<double[]> product) {
    replaced.put(name, product);
    return this;
  }

  static double gelu(double x) {
    return x * 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  static double geluTanh(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  /** The series of erf, which converges for the small arguments here. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return Math.abs(x) > 4 ? Math.signum(x) : 2 / Math.sqrt(Math.PI) * sum;
  }

  double[] logits(TokenIds text) {
    double[] first = hidden(text)[0];
    if (model.isDistil()) {
      double[] pooled = linear("pre_classifier", first);
      for (int i = 0; i < pooled.length; i++) {
        pooled[i] = Math.max(0, pooled[i]);
      }
      return linear("classifier", pooled);
    }
    double[] pooled = linear(model.prefix() + "pooler.dense", first);
    for (int i = 0; i < pooled.length; i++) {
      pooled[i] = Math.tanh(pooled[i]);
    }
    return linear("classifier", pooled);
  }

  double[] embedding(TokenIds text, Pooling pooling) {
    double[] sum = new double[TinyModel.WIDTH];
    double[][] hidden = hidden(text);
    for (int t = 0; t < (pooling == Pooling.CLS ? 1 : hidden.length); t++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += hidden[t][i];
      }
    }
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= Math.sqrt(squares);
    }
    return sum;
  }

  private double[][] hidden(TokenIds text) {
    String embeddings = model.prefix() + "embeddings.";
    double[][] x = new double[text.length()][];
    for (int t = 0; t < x.length; t++) {
      double[] row = new double[TinyModel.WIDTH];
      for (int i = 0; i < row.length; i++) {
        row[i] =
            at(embeddings + "word_embeddings", text.ids()[t], i)
                + at(embeddings + "position_embeddings", t, i)
                + (model.isDistil()
                    ? 0
                    : at(embeddings + "token_type_embeddings", text.types()[t], i));
      }
      x[t] = norm(embeddings + "LayerNorm", row);
    }
    for (int i = 0; i < TinyModel.LAYERS; i++) {
      String layer =
          model.prefix() + (model.isDistil() ? "transformer" : "encoder") + ".layer." + i + ".";
      x =
          model.isDistil()
              ? layer(
                  x,
                  layer,
                  "attention.q_lin attention.k_lin attention.v_lin attention.out_lin sa_layer_norm"
                      + " ffn.lin1 ffn.lin2 output_layer_norm")
              : layer(
                  x,
                  layer,
                  "attention.self.query attention.self.key attention.self.value"
                      + " attention.output.dense attention.output.LayerNorm intermediate.dense"
                      + " output.dense output.LayerNorm");
    }
    return x;
  }

  private double[][] layer(double[][] x, String layer, String modules) {
    String[] names = modules.split(" ");
    for (int i = 0; i < names.length; i++) {
      names[i] = layer + names[i];
    }
    int tokens = x.length;
    int width = TinyModel.WIDTH;
    int head = width / TinyModel.HEADS;
    double[][] q = new double[tokens][];
    double[][] k = new double[tokens][];
    double[][] v = new double[tokens][];
    for (int t = 0; t < tokens; t++) {
      q[t] = linear(names[0], x[t]);
      k[t] = linear(names[1], x[t]);
      v[t] = linear(names[2], x[t]);
    }
    double[][] result = new double[tokens][];
    for (int t = 0; t < tokens; t++) {
      double[] context = new double[width];
      for (int h = 0; h < TinyModel.HEADS; h++) {
        double[] weights = new double[tokens];
        double total = 0;
        for (int s = 0; s < tokens; s++) {
          double dot = 0;
          for (int i = h * head; i < (h + 1) * head; i++) {
            dot += q[t][i] * k[s][i];
          }
          weights[s] = Math.exp(dot / Math.sqrt(head));
          total += weights[s];
        }
        for (int s = 0; s < tokens; s++) {
          for (int i = h * head; i < (h + 1) * head; i++) {
            context[i] += weights[s] / total * v[s][i];
          }
        }
      }
      double[] attended = norm(names[4], sum(linear(names[3], context), x[t]));
      double[] wide = linear(names[5], attended);
      for (int i = 0; i < wide.length; i++) {
        wide[i] = activation.applyAsDouble(wide[i]);
      }
      result[t] = norm(names[7], sum(linear(names[6], wide), attended));
    }
    return result;
  }

  private double at(String table, int row, int col) {
    return model.values(table + ".weight")[row * TinyModel.WIDTH + col];
  }

  private double[] linear(String name, double[] x) {
    float[] weight = model.values(name + ".weight");
    float[] bias = model.values(name + ".bias");
    if (replaced.containsKey(name)) {
      double[] product = replaced.get(name).apply(x);
      for (int i = 0; i < product.length; i++) {
        product[i] += bias[i];
      }
      return product;
    }
    double[] y = new double[bias.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = bias[i];
      for (int j = 0; j < x.length; j++) {
        y[i] += weight[i * x.length + j] * x[j];
      }
    }
    return y;
  }

  private double[] norm(String name, double[] x) {
    double mean = 0;
    for (double value : x) {
      mean += value / x.length;
    }
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] =
          (x[i] - mean) / Math.sqrt(variance + epsilon) * model.values(name + ".weight")[i]
              + model.values(name + ".bias")[i];
    }
    return y;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }
}
