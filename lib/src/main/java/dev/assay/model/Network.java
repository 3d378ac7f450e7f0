package dev.assay.model;

import dev.assay.family.Attention;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A network of effective linears. Immutable and shared by threads; its methods run within a pointer
 * scope of the caller's.
 *
 * @param words vocabulary × width
 * @param positions positions × width, where they are learned
 * @param padding the token that takes no position, where positions are counted from behind its id
 * @param types token types × width, where the architecture has them
 * @param norm behind the embeddings, where there is one
 * @param bias of attention's scores, where there is one
 * @param causal whether a token sees only those before it
 * @param finalNorm behind the last block, where there is one
 * @param head over the first token, where there is one
 * @param logits makes logits of every token's next one, where the model does
 */
record Network(
    Tensor words,
    Optional<Tensor> positions,
    OptionalInt padding,
    Optional<Tensor> types,
    Optional<Norm> norm,
    Attention attention,
    Optional<Bias> bias,
    boolean causal,
    List<Block> blocks,
    Optional<Norm> finalNorm,
    Optional<Head> head,
    Optional<EffectiveLinear> logits) {

  /** A batch on its way through this network. */
  Pass pass(Batch batch, Tap tap, Dropout dropout) {
    Optional<Turn> turn =
        attention.rotary().map(rotary -> Turn.of(rotary, attention.headWidth(), batch.tokens()));
    Optional<Tensor> change = bias.map(table -> table.of(batch.tokens()));
    return Pass.of(batch, tap, dropout, causal, change, turn);
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
    return finalNorm.isPresent() ? finalNorm.get().apply(x) : x;
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
    if (positions.isPresent()) {
      sum = sum.add(torch.embedding(positions.get(), indices(pass)));
    }
    return pass.drop(norm.isPresent() ? norm.get().apply(sum) : sum);
  }

  /** Rows of the position embeddings; as Transformers counts, by ids and not by the mask. */
  private Tensor indices(Pass pass) {
    if (padding.isEmpty()) {
      return pass.positions();
    }
    Scalar id = new Scalar((long) padding.getAsInt());
    Tensor counted = pass.ids().ne(id).to(torch.ScalarType.Long);
    return counted.cumsum(1).mul(counted).add(id);
  }
}
