"""The hub that models are published on: a model is fetched from it once, when a person
names it.

Nothing else in this program asks it for anything; what loads a model does so offline.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from search.embedding.model_check import WEIGHTS, first_line
from search.embedding.model_files import caches, is_hub_name, model_folder
from search.errors import ModelError

LOOK_UP_SECONDS = 5.0
# Configuration and vocabularies, small, and then the weights: where these are, all is.
SMALL = ("*.json", "*.txt", "*.model")
LARGE = (f"*{WEIGHTS}", "*model-?????-of-?????.safetensors")
OTHER_FORMATS = ("onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*")
_ANOTHER = "Name another one with --model."

_loading = threading.Lock()


@contextmanager
def offline() -> Iterator[None]:
    """Let the hub's own library refuse to send anything meanwhile, in this process."""
    from huggingface_hub import constants

    # One at a time, else the first to end would open the way for the others.
    with _loading:
        before = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = True
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = before


def fetch_model(name: str) -> None:
    """Download a model unless it is on this machine; only for a name that a person
    gave.

    Raises ModelError for what is nowhere to be found, can't be reached, or must not be
    loaded.
    """
    try:
        model_folder(name)
    except ModelError:
        if not is_hub_name(name):
            raise
    else:
        return
    if _is_off(
        os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE")
    ):
        raise ModelError(
            f"The model {name} is not on this machine, and HF_HUB_OFFLINE forbids to"
            f" fetch it. {_ANOTHER}"
        )
    # With a token of the user's it may be a private one: fetching it will tell.
    if not os.environ.get("HF_TOKEN"):
        _look_up(name)
    _download(name)
    model_folder(name)


def _look_up(name: str) -> None:
    """Raise ModelError, after one short look-up, for a name that nothing is published
    by; the hub's own library asks many times before it says so."""
    # 60 ms that no question waits for: it never asks a hub.
    from urllib.error import HTTPError
    from urllib.request import urlopen

    hub = _address()
    try:
        with urlopen(f"{hub}/api/models/{name}", timeout=LOOK_UP_SECONDS):  # noqa: S310  # the user's own hub
            return
    except HTTPError as error:
        error.close()  # it is the response, with the connection that it came by
        if error.code not in (401, 404):  # 401: none that the public may see
            return  # fetching it will say what is the matter
        raise ModelError(f"There is no model {name} at {hub}. {_ANOTHER}") from error
    except Exception as error:  # of the network, or what answers there
        raise ModelError(
            f"The model {name} is not on this machine, and {hub} can't be reached to"
            f" fetch it. {_ANOTHER}"
        ) from error


def _download(name: str) -> None:
    """Fetch configuration, vocabularies and safetensors, and nothing that may run."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download

    fetch = partial(
        snapshot_download,
        name,
        endpoint=_address(),
        cache_dir=caches()[0],
        ignore_patterns=list(OTHER_FORMATS),
    )
    try:
        folder = Path(fetch(allow_patterns=list(SMALL)))
        fetch(allow_patterns=list(LARGE), revision=folder.name)
    except Exception as error:  # of the network, the disk, or the hub's refusals
        raise ModelError(
            f"The model {name} can't be fetched: {first_line(error)}. {_ANOTHER}"
        ) from error


def _address() -> str:
    return os.environ.get("HF_ENDPOINT") or "https://huggingface.co"


def _is_off(value: str | None) -> bool:
    return value is not None and value.upper() in {"1", "ON", "YES", "TRUE"}
