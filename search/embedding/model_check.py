"""The files that a model is loaded from, examined before any of it is loaded.

Only these are put before the loading library: what else lies in the folder (pickles,
code, adapters) is never opened. Nothing is loaded here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from textwrap import shorten
from typing import Any

from safetensors import SafetensorError, safe_open

from search.errors import ModelError

WEIGHTS = "model.safetensors"
SHARDS = "model.safetensors.index.json"
PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib"})
CONFIG_BYTES = (
    20_000_000  # the longest known, a tokenizer's of 262,000 words, has 1.2 MB
)
FILES = 2_000  # in one part of a model; the most shards that are known are 200

# The kinds of modules that sentence-transformers reads from JSON and safetensors alone,
# and those of them that have weights. Others read pickles or name classes to import.
WEIGHTED = frozenset(
    {"Transformer", "StaticEmbedding", "Dense", "LayerNorm", "WeightedLayerPooling"}
)
KINDS = WEIGHTED | {"Pooling", "Normalize", "Dropout"}
_OWN = re.compile(r"sentence_transformers(?:\.[a-z_]+)*\.(\w+)", re.ASCII)
# Configuration, vocabularies of tokenizers, and sentencepiece's own format.
_READ = (".json", ".txt", ".model")
# Names in a configuration under which it asks for something that is not in the folder.
_ELSEWHERE = frozenset(
    {
        "base_model_name_or_path",
        "tokenizer_name_or_path",
        "transformers_weights",
        "gguf_file",
        "use_pretrained_backbone",
        "use_kernels",
        "kernel_config",
    }
)
# torch.nn.Tanh and its like: Dense makes one of what is named there.
_ACTIVATION = re.compile(r"torch\.nn\.modules\.(?:activation|linear)\.[A-Z]\w*")
# Networks that give a vector for each token, to be compared as such: HF_ColBERT,
# ColModernBertForRetrieval, ColQwen2ForRetrieval. The library would mean them.
_OF_TOKENS = re.compile(r"Col[A-Z]")
_ONE_VECTOR = (None, "SentenceTransformer")  # kinds of whole models
_SHARD = re.compile(r"[\w.-]+\.safetensors", re.ASCII)
SAID = 200  # characters in a sentence of what a file or a library has a say in
# How the folders begin that a model is loaded from: not as those that a run of the
# indexer clears away, which hold copies; these hold links.
APART = "model-of-blogsearch-"
_PLACE = re.compile(rf"'?[^\s']*{APART}\w+'?")
_ANOTHER = "Name another one with --model."


def loaded_files(folder: Path, *, homes: tuple[Path, ...] = ()) -> list[str]:
    """Return the paths of all files that the model is loaded from, within its folder.

    Raises ModelError where it would need a pickle, code of its own or files from
    elsewhere, or where a file is not what it is called. ``homes`` are other folders
    that a link may lead to.
    """
    try:
        files = ["modules.json", "config_sentence_transformers.json"]
        files = [name for name in files if (folder / name).is_file()]
        _require_one_vector(folder, files)
        for path, kind in modules_of(folder):
            files += _files_of(folder, path, kind)
        files = list(dict.fromkeys(files))  # parts may share a folder
        _require_within(folder, files, homes)
        for name in files:
            _require_readable(folder / name)
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise _unreadable(folder, error) from error
    except (RecursionError, SafetensorError) as error:
        raise _unreadable(folder, error) from error
    return files


def first_line(error: Exception) -> str:
    """Return what an error of a library says, as part of a sentence."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    # A file may have a say in it.
    return shorten(_PLACE.sub("its folder", said), SAID).rstrip(".:")


def shown(name: str | Path) -> str:
    """Return a name or path as part of a sentence, on its line, the end of a long one
    left out."""
    line = " ".join(str(name).splitlines())
    if len(line) > SAID:
        return f"{line[:SAID]}…"
    return line


@contextmanager
def set_apart(folder: Path, files: list[str]) -> Iterator[Path]:
    """Yield a folder for the time of loading that holds links to these files, and
    nothing else."""
    # Not a TemporaryDirectory: a process that a library forks meanwhile would take it
    # away at its own end.
    apart, owner = Path(tempfile.mkdtemp(prefix=APART)), os.getpid()
    try:
        for name in files:
            link = apart / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to((folder / name).resolve())
        yield apart
    finally:
        if os.getpid() == owner:
            shutil.rmtree(apart, ignore_errors=True)


def tensor_names(folder: Path) -> set[str]:
    """Return the names of all tensors that lie in a folder as safetensors."""
    names: set[str] = set()
    for path in folder.rglob("*.safetensors"):
        with safe_open(path, framework="numpy") as weights:
            names.update(weights.keys())
    return names


def modules_of(folder: Path) -> list[tuple[str, str]]:
    """Return path and kind of each module that the model is put together from."""
    if not os.path.lexists(folder / "modules.json"):
        return [("", "Transformer")]  # as the library has it: one, and a mean over it
    modules = []
    for module in read_json(folder / "modules.json"):
        known = _OWN.fullmatch(str(module["type"]))
        if known is None:
            raise _with_code(folder)
        if known[1] not in KINDS:
            raise ModelError(
                f"The model in {shown(folder)} has a part of the kind {known[1]}, which is not"
                f" loaded here. {_ANOTHER}"
            )
        path = PurePosixPath(module["path"])
        if path.is_absolute() or ".." in path.parts:
            raise _leads_out(folder, str(path))
        modules.append((str(path), known[1]))
    return modules


def _require_one_vector(folder: Path, files: list[str]) -> None:
    """Raise ModelError for a model that gives a text several vectors, or one as long as
    its vocabulary: the library would make one vector of them, and say nothing."""
    kind = None
    if "config_sentence_transformers.json" in files:
        kind = read_json(folder / "config_sentence_transformers.json").get("model_type")
    if kind not in _ONE_VECTOR:
        raise _not_one_vector(folder, kind)
    for path, _ in modules_of(folder):
        if (folder / path / "config.json").is_file():
            names = read_json(folder / path / "config.json").get("architectures")
            for name in filter(_OF_TOKENS.search, map(str, names or ())):
                raise _not_one_vector(folder, name)


def _files_of(folder: Path, path: str, kind: str) -> list[str]:
    """Return the files of one module, weights among them where its kind has some."""
    part = folder / path
    names: list[str] = []
    if part.is_dir():
        names = sorted(
            child.name
            for child in part.iterdir()
            if child.suffix in _READ and child.name != SHARDS and not child.is_dir()
        )
    if "adapter_config.json" in names:
        raise _leads_out(folder, "adapter_config.json")
    for name in filter(_is_configuration, names):
        _require_own(folder, part / name)
    if kind in WEIGHTED:
        names += _weights(part, sharded=kind == "Transformer")
    if len(names) > FILES:
        raise ValueError(f"{part} holds more than {FILES} files")
    return [str(PurePosixPath(path, name)) for name in names]


def _weights(part: Path, *, sharded: bool) -> list[str]:
    """Return the names of a module's safetensors, in the library's own order."""
    if (part / WEIGHTS).is_file():
        return [WEIGHTS]
    if sharded and (part / SHARDS).is_file():
        shards = sorted(set(read_json(part / SHARDS)["weight_map"].values()))
        # Neither "../weights.safetensors", which the library follows, nor a pickle.
        if not all(map(_SHARD.fullmatch, shards)):
            raise _leads_out(part, SHARDS)
        return [SHARDS, *shards]
    endings = set()
    if part.is_dir():
        endings = {path.suffix for path in part.iterdir()}
    if PICKLES.isdisjoint(endings):
        raise ModelError(
            f"There are no weights in {shown(part)}: only {WEIGHTS} is loaded. {_ANOTHER}"
        )
    raise ModelError(
        f"The weights in {shown(part)} are a pickle, which may run code; only {WEIGHTS} is"
        f" loaded. {_ANOTHER}"
    )


def _is_configuration(name: str) -> bool:
    return name.endswith("config.json")


def _require_own(folder: Path, configuration: Path) -> None:
    """Raise ModelError where a configuration names code, or files or models that are
    not the model's own."""
    for name, value in _entries(read_json(configuration)):
        if name == "auto_map":
            raise _with_code(folder)
        # On a hub there are attention kernels, OWNER/NAME, which are compiled code.
        is_kernel = name.endswith("attn_implementation") and "/" in str(value)
        if is_kernel or (name in _ELSEWHERE and value):
            raise _leads_out(folder, configuration.name)
        is_function = name == "activation_function" and value is not None
        if is_function and not _ACTIVATION.fullmatch(str(value)):
            raise _with_code(folder)


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Walk through the names and values of a configuration, at any depth."""
    if isinstance(value, list):
        for one in value:
            yield from _entries(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name, one
            yield from _entries(one)


def _require_within(folder: Path, files: list[str], homes: tuple[Path, ...]) -> None:
    """Raise ModelError for a link that leads out of the folder, but to the cache that
    fetched models lie in."""
    allowed = [folder.resolve(), *(home.resolve() for home in homes)]
    for name in files:
        target = (folder / name).resolve(strict=True)
        if not any(target.is_relative_to(home) for home in allowed):
            raise _leads_out(folder, name)
        if not target.is_file():
            raise ValueError(f"{name} is not a file")


def _require_readable(path: Path) -> None:
    """Raise an error for safetensors that are none, as their header says."""
    if path.suffix != ".safetensors":
        return
    with safe_open(path, framework="numpy") as weights:
        kinds = {weights.get_slice(name).get_dtype() for name in weights.keys()}  # noqa: SIM118  # no mapping
    if not any("F" in kind for kind in kinds):
        raise ValueError(f"{path.name} holds no numbers that could be weights")


def read_json(path: Path) -> Any:
    """Read a configuration; raises ValueError for what is none, a pipe or a device
    among it, which might never end."""
    if not path.is_file():
        raise ValueError(f"{path.name} is not a file")
    with path.open("rb") as file:
        text = file.read(CONFIG_BYTES + 1)
    if len(text) > CONFIG_BYTES:
        raise ValueError(f"{path.name} is longer than {CONFIG_BYTES:,} bytes")
    return json.loads(text.decode("utf-8"))


def _unreadable(folder: Path, error: Exception) -> ModelError:
    return ModelError(
        f"The model in {shown(folder)} can't be read: {first_line(error)}. {_ANOTHER}"
    )


def _not_one_vector(folder: Path, kind: object) -> ModelError:
    return ModelError(
        f"The model in {shown(folder)} is of the kind {shown(str(kind))}, which does not give"
        f" a text one vector; no index is made with it here. {_ANOTHER}"
    )


def _with_code(folder: Path) -> ModelError:
    return ModelError(
        f"The model in {shown(folder)} brings code of its own, which is never run. {_ANOTHER}"
    )


def _leads_out(folder: Path, name: str) -> ModelError:
    return ModelError(
        f"The model in {shown(folder)} asks for what is not in its folder ({shown(name)}). {_ANOTHER}"
    )
