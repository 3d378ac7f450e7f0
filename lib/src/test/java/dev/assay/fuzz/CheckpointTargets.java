package dev.assay.fuzz;

import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.checkpoint.Bytes;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.MemoryFolder;
import dev.assay.checkpoint.Onnx;
import dev.assay.checkpoint.StoredTensor;
import dev.assay.checkpoint.Tensor;
import dev.assay.checkpoint.TensorData;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.glue.LabelMap;
import dev.assay.family.ModelConfig;
import dev.assay.model.Classes;
import dev.assay.model.ModelLoader;
import dev.assay.model.Pooling;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A model's files: its weights in every format, and what describes it. */
final class CheckpointTargets {
  private static final Pattern MODEL = Pattern.compile("mem:/model");
  private static final SweepSettings SETTINGS =
      SweepSettings.read(
          ConfigFactory.parseString(
              "sweep = s, model = \"mem:/model\", recipes = [{method = rtn}]"),
          List.of());

  private CheckpointTargets() {}

  static List<Target> all() {
    return List.of(safetensors(), index(), onnx(), pickles(), config(), pooling());
  }

  private static byte[] bert(DType dtype) {
    Map<String, TensorData> tensors = new TreeMap<>();
    String layer = "encoder.layer.0.";
    for (String name : List.of("query", "key", "value")) {
      tensors.put(layer + "attention.self." + name + ".weight", matrix(dtype, 4, 4));
    }
    tensors.put(layer + "intermediate.dense.weight", matrix(dtype, 6, 4));
    tensors.put(layer + "output.dense.weight", matrix(dtype, 4, 6));
    tensors.put(layer + "output.dense.bias", TensorData.of(DType.F16, new float[4], 4));
    tensors.put("embeddings.word_embeddings.weight", matrix(DType.F32, 9, 4));
    tensors.put("scalar", TensorData.of(DType.F64, new double[1]));
    return Bytes.safetensors(tensors, Map.of("format", "pt"));
  }

  private static byte[] gpt() {
    return Bytes.safetensors(
        Map.of(
            "h.0.attn.c_attn.weight", matrix(DType.BF16, 2, 6),
            "h.0.mlp.c_fc.weight", matrix(DType.F32, 2, 8)));
  }

  private static TensorData matrix(DType dtype, int rows, int cols) {
    return TensorData.of(dtype, new float[rows * cols], rows, cols);
  }

  /** Everything that anybody does with a checkpoint. */
  private static void use(Folder folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    for (List<Tensor> tensors : List.of(checkpoint.matrices(), checkpoint.vectors())) {
      for (Tensor tensor : tensors) {
        Checkpoint.read(folder, tensor);
      }
    }
    for (StoredTensor tensor : checkpoint.inventory().tensors()) {
      tensor.writeTo(OutputStream.nullOutputStream(), folder);
    }
    Plan plan =
        Plan.of(SETTINGS, checkpoint.family(), checkpoint.matrices(), new StatisticsIds.None());
    if (!(plan.work().seconds() > 0)
        || plan.cells() != plan.units().size()
        || plan.trials().isEmpty()) {
      throw new IllegalStateException("A plan of nothing: " + plan);
    }
  }

  private static Target safetensors() {
    return new Target(
        "safetensors",
        MODEL,
        List.of(bert(DType.F32), bert(DType.BF16), gpt()),
        Damages.safetensors("F64", "F4", "BOOL", "C64", "../", "__metadata__", "shape", "dtype"),
        file -> use(new MemoryFolder().with("model.safetensors", file)));
  }

  private static Target index() {
    String map =
        """
        {"metadata":{"total_size":36},"weight_map":{
        "h.0.attn.c_attn.weight":"m-1.safetensors",
        "h.0.mlp.c_fc.weight":"m-1.safetensors"}}""";
    return new Target(
        "shard-index",
        MODEL,
        List.of(map.getBytes(StandardCharsets.UTF_8)),
        Damages.json("../x", "m-2.safetensors", "m-1.safetensors", "weight_map", "metadata"),
        file ->
            use(
                new MemoryFolder()
                    .with("m-1.safetensors", gpt())
                    .with("model.safetensors.index.json", file)));
  }

  private static Target onnx() {
    byte[] model =
        Onnx.model(
            Onnx.node("MatMul", "/encoder/layer.0/output/dense/MatMul", "y", "x", "onnx::M_1"),
            Onnx.node("Identity", "/Identity", "w2", "w"),
            Onnx.gemm("/classifier/Gemm", 1, "y", "w2", "b"),
            Onnx.initializer("onnx::M_1", Onnx.FLOAT, new byte[24], 2, 3),
            Onnx.floatData("w", new float[] {1, 2, 3, 4}, List.of(2L, 2L)),
            Onnx.initializer("b", Onnx.FLOAT16, new byte[4], 2));
    byte[] named =
        Onnx.model(
            Onnx.node("MatMul", "/h.0/attn/MatMul", "y", "h.0.attn.c_attn.weight", "x"),
            Onnx.initializer("h.0.attn.c_attn.weight", Onnx.BFLOAT16, new byte[12], 2, 3));
    return new Target(
        "onnx",
        MODEL,
        List.of(model, named),
        Damages.bytes("MatMul", "Gemm", "Identity", "Cast", "transB", "onnx::", "/", ".weight"),
        file -> use(new MemoryFolder().with("model.onnx", file)));
  }

  /** Pickles are told by name and first bytes; what is taken for one must be refused as one. */
  private static Target pickles() {
    byte[] pickle = {(byte) 0x80, 2, '}', 'q', 0, '.'};
    byte[] zip = {'P', 'K', 3, 4, 20, 0, 0, 0};
    return new Target(
        "pickle",
        MODEL,
        List.of(bert(DType.F16)),
        (file, other, seed) -> {
          byte[] start = seed % 2 == 0 ? pickle : zip;
          byte[] damaged = new Mutator(seed, List.of("\u0080")).bytes(start, file);
          // Every third is no pickle, so that something is read.
          return seed % 3 == 0 ? file : damaged;
        },
        file -> use(new MemoryFolder().with("model.safetensors", file)));
  }

  private static Target config() {
    String bert =
        """
        {"model_type":"bert","hidden_size":4,"num_hidden_layers":1,"num_attention_heads":2,
        "intermediate_size":6,"max_position_embeddings":16,"vocab_size":9,"type_vocab_size":2,
        "hidden_act":"gelu","layer_norm_eps":1e-12,"architectures":["BertModel"],
        "id2label":{"0":"entailment","1":"not_entailment"},
        "label2id":{"entailment":0,"not_entailment":1}}""";
    String distil =
        """
        {"model_type":"distilbert","dim":4,"n_layers":1,"n_heads":2,"hidden_dim":6,
        "max_position_embeddings":16,"vocab_size":9,"activation":"relu","num_labels":3}""";
    return new Target(
        "model-config",
        MODEL,
        List.of(bert.getBytes(StandardCharsets.UTF_8), distil.getBytes(StandardCharsets.UTF_8)),
        Damages.json("num_labels", "id2label", "LABEL_0", "gpt2", "relative_key", "is_decoder"),
        file -> {
          MemoryFolder folder =
              new MemoryFolder()
                  .with("model.safetensors", bert(DType.F32))
                  .with("config.json", file);
          Checkpoint checkpoint = Checkpoint.open(folder);
          ModelConfig config = ModelLoader.config(folder, checkpoint);
          Classes.of(checkpoint);
          if (config.width() % config.attention().heads() != 0 || config.positions() < 1) {
            throw new IllegalStateException("No model: " + config);
          }
          for (Glue task : Glue.values()) {
            judge(task, config);
          }
        });
  }

  /** Labels may fit one task and not another, which is no fault of the file. */
  private static void judge(Glue task, ModelConfig config) {
    try {
      LabelMap.of(task, config.labels().size(), config.id2label(), "mem:/model");
    } catch (InputException e) {
      if (!e.getMessage().startsWith("mem:/model")) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static Target pooling() {
    String modes =
        """
        {"word_embedding_dimension":384,"pooling_mode_cls_token":false,
        "pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":false}""";
    return new Target(
        "pooling-config",
        MODEL,
        List.of(modes.getBytes(StandardCharsets.UTF_8)),
        Damages.json("pooling_mode", "pooling_mode_", "cls", "mean", "_tokens"),
        file ->
            Pooling.of(
                new MemoryFolder()
                    .with("1_Pooling", new MemoryFolder().with("config.json", file))));
  }
}
