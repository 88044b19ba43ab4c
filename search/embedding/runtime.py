"""The quick runtime: plain models on OpenVINO, without torch and what comes with it.

Models of any other kind are none of its business: search/embedding/embedder.py.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.embedding.encodings import by_length, finite, tokens_of, unit_length
from search.embedding.model_check import WEIGHTS
from search.embedding.network import Network
from search.embedding.openvino import library
from search.embedding.plain_model import WORDS, PlainModel, plain_model
from search.embedding.vocabulary import unknown_share
from search.embedding.weights import KINDS, Weights
from search.embedding.wordpiece import MARKS, Tokens, WordPieces, tokenizers_library
from search.port_values import Encoding, Vectors

# Passages that are computed at once. Larger batches are no faster on two cores, and a
# question that is asked meanwhile waits for one of them.
BATCH = 8
# Before each tensor's name, as sentence-transformers 6 has it: part of fingerprints.
_NOTED = "0.model."
_PREFIXES = ("", "bert.")  # with which files name their tensors
# The two tensors of a norm, as PyTorch and as TensorFlow's BERT call them.
_OF_NORMS = (("weight", "bias"), ("gamma", "beta"))


def import_libraries() -> None:
    """Import what the runtime stands on, where it is installed: some 50 ms."""
    with suppress(ImportError):
        library()
        tokenizers_library()


class RuntimeEmbedder:
    """An Embedder over a plain model in a folder whose files were examined.

    Raises ValueError where the files are not a plain model's, ImportError where the
    runtime is not on this machine. The network is compiled when something is to be
    encoded. ``fingerprint`` is given where it is known.
    """

    def __init__(
        self, name: str, folder: Path, *, fingerprint: str | None = None
    ) -> None:
        library()
        model = plain_model(folder)
        if model is None:
            raise ValueError("not a plain model")
        self.name = name
        self.dimension = model.width
        self._model = model
        self._weights = Weights(model.folder / WEIGHTS)
        self._names = _names(model, self._weights)
        self._pieces = WordPieces(model.folder, model.limit)
        self._compiled: Network | None = None
        self._fingerprint = fingerprint
        self._loading = threading.Lock()

    def compile(self) -> None:
        """Begin to compile the network, which goes on in a thread of its own."""
        _ = self._network

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 over names and values of all weights, and over the prompts if any,
        in hexadecimal: as sentence-transformers gives it."""
        if self._fingerprint is not None:
            return self._fingerprint
        noted = {f"{_NOTED}{name}": known for name, known in self._names.items()}
        return self._weights.fingerprint(self._model.prompts.noted(), noted)

    @cached_property
    def window(self) -> int:
        """The tokens of a passage that the model reads: its limit less its own marks
        and its prompt."""
        (of_prompt,) = self.count_tokens([self._model.prompts.passage])
        return self._model.limit - MARKS - of_prompt

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without the model's own marks."""
        return self._pieces.count(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order: float32, shape (len(texts), dimension), unit
        length."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for place, encoding in enumerate(self.encode_passages(texts)):
            vectors[place] = encoding.vector
        return vectors

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Return each text's vector with those of its tokens, in order."""
        return by_length(texts, BATCH, self._passages)

    def encode_query(self, text: str) -> Encoding:
        """Return a question's vector, those of its tokens, and the share of its words
        that the model does not know."""
        prompt = self._model.prompts.question
        (read,) = self._pieces.read([prompt + text])
        (encoding,) = self._encoded([text], [read], prompt)
        share = unknown_share(text, read.spans - len(prompt), read.unknown)
        return encoding._replace(unknown_share=share)

    def _passages(self, texts: Sequence[str]) -> list[Encoding]:
        prompt = self._model.prompts.passage
        read = self._pieces.read([prompt + text for text in texts])
        return self._encoded(texts, read, prompt)

    def _encoded(
        self, texts: Sequence[str], read: Sequence[Tokens], prompt: str
    ) -> list[Encoding]:
        """Encode one batch. The model's own marks and the prompt are no tokens of a
        text."""
        words, mask = self._padded([one.numbers for one in read])
        tokens = finite(self._network.tokens(words, mask))
        vectors = unit_length(self._pooled(tokens, mask))
        encodings: list[Encoding] = []
        for place, text in enumerate(texts):
            spans = read[place].spans - len(prompt)
            own = tokens[place, : len(spans)]
            encodings.append(Encoding(vectors[place], *tokens_of(text, own, spans)))
        return encodings

    def _padded(self, numbers: Sequence[NDArray[np.int64]]) -> tuple[Vectors, Vectors]:
        """Return the vectors of the words of each text, shape (texts, tokens, width),
        and 1.0 where there is one."""
        lengths = np.array(list(map(len, numbers)))
        mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.float32)
        known, places = np.unique(np.concatenate(numbers), return_inverse=True)
        words = np.zeros((*mask.shape, self.dimension), np.float32)
        words[mask > 0] = self._weights.rows(self._names[WORDS], known)[places]
        return words, mask

    def _pooled(self, tokens: Vectors, mask: Vectors) -> Vectors:
        """Return one vector a text: that of its first mark, or the mean of all."""
        if self._model.pooling == "cls":
            return tokens[:, 0]
        sums = np.einsum("ntw,nt->nw", tokens, mask)
        means: Vectors = sums / mask.sum(axis=1, keepdims=True)
        return means

    @property
    def _network(self) -> Network:
        with self._loading:
            if self._compiled is None:
                self._compiled = Network(self._model, self._tensor)
            return self._compiled

    def _tensor(self, name: str) -> Vectors:
        return self._weights.read(self._names[name])


def _names(model: PlainModel, weights: Weights) -> dict[str, str]:
    """Return the name in the file of each tensor of a model.

    Raises ValueError where one is missing, or of another shape or kind than the others.
    """
    for prefix, of_norm in product(_PREFIXES, _OF_NORMS):
        names = {name: prefix + _in_file(name, of_norm) for name, _ in model.shapes()}
        if weights.tensors.keys() >= set(names.values()):
            break
    else:
        raise ValueError("its weights have other names")
    kinds = {weights.tensors[known].kind for known in names.values()}
    (kind,) = kinds
    shapes = {name: weights.tensors[known].shape for name, known in names.items()}
    if kind not in KINDS or model.kind not in (None, kind):
        raise ValueError("its weights are of another kind")
    if shapes != dict(model.shapes()):
        raise ValueError("its weights have other shapes")
    return names


def _in_file(name: str, of_norm: tuple[str, str]) -> str:
    """Return a tensor's name where those of norms are called so."""
    part, is_of_norm, last = name.rpartition("LayerNorm.")
    if not is_of_norm:
        return name
    return part + is_of_norm + dict(zip(_OF_NORMS[0], of_norm, strict=True))[last]
