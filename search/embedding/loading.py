"""The loading of a model by sentence-transformers, from files that were examined.

Nothing of a hub is asked for, whatever the files say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from logging import ERROR, getLogger
from pathlib import Path
from typing import Any

from search.embedding.hub import offline
from search.embedding.model_check import tensor_names

# Of a model's weights, the share that its files have to bring: old ones lack a pooling
# layer that is not used, and name a quarter of theirs otherwise.
OWN_WEIGHTS = 0.5


def load_model(folder: Path) -> Any:
    """Return the sentence-transformers model whose files, and no others, lie in a
    folder; raises whatever the libraries make of them."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # 5 s and 480 MB: only when needed.
    from sentence_transformers import SentenceTransformer
    from torch import set_num_threads
    from transformers.utils import logging

    # As in search.index.sqlite.vectors.faiss_index.py.
    os.register_at_fork(after_in_child=lambda: set_num_threads(1))
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    # What matters is raised; their reports are for whoever makes models, and repeat
    # what its files say.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    getLogger("sentence_transformers").setLevel(ERROR)
    with offline():
        model = SentenceTransformer(
            str(folder),
            device=device(),
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    for module in model:
        if hasattr(module, "auto_model"):  # the others insist on their files themselves
            _require_own_weights(module, folder)
            _require_vocabulary(module)
    return model


def device() -> str:
    """Return what torch computes on, by its own name: a GPU where it finds one."""
    from torch import backends, cuda

    if cuda.is_available():
        return "cuda"
    if backends.mps.is_available():
        return "mps"
    return "cpu"


def _require_own_weights(module: Any, folder: Path) -> None:
    """Raise ValueError for weights by other names than the module's: the library takes
    random ones in their place, and goes on."""
    given = {end for name in tensor_names(folder) for end in _ends(name)}
    wanted = list(module.auto_model.state_dict())
    if len(given.intersection(wanted)) < OWN_WEIGHTS * len(wanted):
        raise ValueError("its weights are not those that config.json tells of")


def _require_vocabulary(module: Any) -> None:
    """Raise ValueError where there are no words: without its file the library makes an
    empty vocabulary, and goes on."""
    tokenizer = module.tokenizer
    if set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
        raise ValueError("it has no vocabulary")


def _ends(name: str) -> Iterator[str]:
    """Return the name of a tensor without each part that it may begin with, such as
    "bert."."""
    parts = name.split(".")
    return (".".join(parts[start:]) for start in range(len(parts)))
