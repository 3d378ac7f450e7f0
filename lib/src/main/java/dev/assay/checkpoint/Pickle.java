package dev.assay.checkpoint;

import dev.assay.InputException;
import java.util.regex.Pattern;

/** Checkpoints that PyTorch pickled: recognised only to be refused. */
final class Pickle {
  private static final Pattern NAME =
      Pattern.compile("pytorch_model.*\\.bin|.*\\.(pt|pth|ckpt|pkl|pickle)");

  private Pickle() {}

  static boolean isNamed(String file) {
    return NAME.matcher(file).matches();
  }

  /** Whether a file starts as a pickle (protocol 2 to 5) or as PyTorch's zip of pickles. */
  static boolean hasMagic(byte[] start) {
    boolean pickle =
        start.length >= 2 && (start[0] & 0xff) == 0x80 && start[1] >= 2 && start[1] <= 5;
    boolean zip =
        start.length >= 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
    return pickle || zip;
  }

  /** Why it is refused, and two lines of Python that convert it. */
  static InputException refusal(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    String python =
        file.contains("-of-")
            ? """
                  from transformers import AutoModel
                  AutoModel.from_pretrained(".").save_pretrained(".", safe_serialization=True)"""
            : """
                  import torch, safetensors.torch
                  safetensors.torch.save_file({k: v.clone() for k, v in torch.load("%s", weights_only=True).items()}, "model.safetensors")"""
                .formatted(file);
    return new InputException(
        path,
        "Is a pickle, and loading a pickle can run any code that its author put in it",
        "Convert it to safetensors with Python, in its directory:\n"
            + python.indent(4).stripTrailing());
  }
}
