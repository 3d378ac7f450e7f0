package dev.assay.model;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A network of effective linears. Immutable and shared by threads; its methods run within a pointer
 * scope of the caller's.
 *
 * @param words vocabulary × width
 * @param positions positions × width
 * @param types token types × width, where the architecture has them
 */
record Network(
    Tensor words,
    Tensor positions,
    Optional<Tensor> types,
    LayerNorm norm,
    List<Block> blocks,
    Optional<Head> head) {

  /** The network that {@code config} describes. */
  static Network of(ModelConfig config, Parameters parameters) {
    return Architecture.of(config).network(config, parameters);
  }

  /** The last hidden states, batch × tokens × width. Memory is that of one block at a time. */
  Tensor hidden(Pass pass) {
    return hidden(embed(pass), pass);
  }

  /** As {@link #hidden(Pass)}, from what enters the first block, which it closes. */
  Tensor hidden(Tensor embedded, Pass pass) {
    Tensor x = embedded;
    for (Block block : blocks) {
      Tensor input = x;
      x = Pass.scoped(() -> block.apply(input, pass));
      input.close();
    }
    return x;
  }

  /** What enters the first block, batch × tokens × width. */
  Tensor embed(Pass pass) {
    return Pass.scoped(() -> sumOfEmbeddings(pass));
  }

  private Tensor sumOfEmbeddings(Pass pass) {
    Tensor sum = torch.embedding(words, pass.ids());
    if (types.isPresent()) {
      sum = sum.add(torch.embedding(types.get(), pass.types()));
    }
    return pass.drop(norm.apply(sum.add(torch.embedding(positions, pass.positions()))));
  }
}
