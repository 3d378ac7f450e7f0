package dev.assay.model;

import java.io.Serializable;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What a model's answer to one example costs: what fine-tuning minimized, for that example. */
public sealed interface Loss extends Serializable {

  /**
   * The loss of a row of logits.
   *
   * @param logits one number per output of the head
   * @return a scalar that libtorch can differentiate
   */
  Tensor of(Tensor logits);

  /**
   * Cross-entropy −log softmax(z)ₒ of the logits z.
   *
   * @param output index o of the output that stands for the right class
   */
  record CrossEntropy(int output) implements Loss {
    @Override
    public Tensor of(Tensor logits) {
      return torch.log_softmax(logits, 0).select(0, output).neg();
    }
  }

  /**
   * Squared error (z − t)² of the only output z of a regression head.
   *
   * @param score the right answer t
   */
  record SquaredError(double score) implements Loss {
    @Override
    public Tensor of(Tensor logits) {
      return logits.select(0, 0).sub(new Scalar(score)).square();
    }
  }
}
