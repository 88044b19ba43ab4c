"""The configuration of a plain model: BERT's network, one way of pooling, nothing more.

Nothing is loaded here. Where a file says anything that is not known here the model is
none of these, and is left to sentence-transformers, which reads or refuses it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from search.embedding.model_check import WEIGHTS, modules_of, read_json
from search.embedding.prompts import Prompts, prompts_of

WORDS = "embeddings.word_embeddings.weight"
Pooling = Literal["mean", "cls"]

# Values of config.json that BERT's network stands for; absent ones are its defaults.
_NETWORK: Mapping[str, Collection[Any]] = {
    "model_type": ("bert",),
    "hidden_act": ("gelu",),
    "position_embedding_type": (None, "absolute"),
    "is_decoder": (None, False),
    "add_cross_attention": (None, False),
    "quantization_config": (None,),
    "dtype": (None, "float32", "float16", "bfloat16"),
    "torch_dtype": (None, "float32", "float16", "bfloat16"),
}
# Everything that sentence_bert_config.json, the pooling's config.json and
# config_sentence_transformers.json may say, None for any value. The libraries act on
# whatever else they find there.
_READING: Mapping[str, Collection[Any] | None] = {
    "max_seq_length": None,
    "do_lower_case": (None, False),
    "transformer_task": ("feature-extraction",),
    "modality_config": (
        {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    ),
    "module_output_name": ("token_embeddings",),
}
_POOLING: Mapping[str, Collection[Any] | None] = {
    "word_embedding_dimension": None,
    "embedding_dimension": None,
    "include_prompt": (True,),
    "pooling_mode": ("mean", "cls"),
    "pooling_mode_mean_tokens": (True, False),
    "pooling_mode_cls_token": (True, False),
    "pooling_mode_max_tokens": (False,),
    "pooling_mode_mean_sqrt_len_tokens": (False,),
    "pooling_mode_weightedmean_tokens": (False,),
    "pooling_mode_lasttoken": (False,),
}
_WHOLE: Mapping[str, Collection[Any] | None] = {
    "__version__": None,
    "prompts": None,
    "default_prompt_name": None,
    "similarity_fn_name": None,
    "model_type": ("SentenceTransformer",),
}
_KINDS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
_DTYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}


@dataclass(frozen=True)
class PlainModel:
    """The sizes of a BERT, its pooling, its prompts, and the folder of its files.

    ``limit`` is how many tokens it reads, its own marks among them; ``kind`` is that of
    its numbers, None where the weights alone say so.
    """

    folder: Path
    width: int
    heads: int
    layers: int
    inner: int
    positions: int
    types: int
    words: int
    epsilon: float
    kind: str | None
    pooling: Pooling
    limit: int
    prompts: Prompts

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Name all its tensors, each with its shape, as transformers names them."""
        width, inner = self.width, self.inner
        yield WORDS, (self.words, width)
        yield "embeddings.position_embeddings.weight", (self.positions, width)
        yield "embeddings.token_type_embeddings.weight", (self.types, width)
        yield from _norm("embeddings.LayerNorm", width)
        for layer in range(self.layers):
            part = f"encoder.layer.{layer}"
            for name in ("query", "key", "value"):
                yield from _linear(f"{part}.attention.self.{name}", width, width)
            yield from _linear(f"{part}.attention.output.dense", width, width)
            yield from _norm(f"{part}.attention.output.LayerNorm", width)
            yield from _linear(f"{part}.intermediate.dense", width, inner)
            yield from _linear(f"{part}.output.dense", inner, width)
            yield from _norm(f"{part}.output.LayerNorm", width)
        # Not used, but part of what the fingerprint is over.
        yield from _linear("pooler.dense", width, width)


def plain_model(folder: Path) -> PlainModel | None:
    """Return the model in a folder whose files were examined, None where it is not a
    plain one."""
    try:
        return _read(folder)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None
    except RecursionError:
        return None


def _read(folder: Path) -> PlainModel:
    """Read all configuration; raises ValueError for what is not known here."""
    (path, *others), kinds = zip(*modules_of(folder), strict=True)
    _require(list(kinds) in _KINDS)
    part = folder / path
    _require((part / WEIGHTS).is_file())
    network = read_json(part / "config.json")
    _require(all(network.get(name) in known for name, known in _NETWORK.items()))
    whole = folder / "config_sentence_transformers.json"
    about = _known(whole, _WHOLE) if whole.exists() else {}
    pooling = _known(folder / others[0] / "config.json", _POOLING)
    width = _size(network["hidden_size"])
    of_vectors = pooling.get("embedding_dimension", width)
    _require(pooling.get("word_embedding_dimension", of_vectors) == width)
    positions = _size(network["max_position_embeddings"])
    heads = _size(network["num_attention_heads"])
    _require(width % heads == 0)
    dtype = network.get("dtype") or network.get("torch_dtype")
    return PlainModel(
        folder=part,
        width=width,
        heads=heads,
        layers=_size(network["num_hidden_layers"]),
        inner=_size(network["intermediate_size"]),
        positions=positions,
        types=_size(network["type_vocab_size"]),
        words=_size(network["vocab_size"]),
        epsilon=float(network["layer_norm_eps"]),
        kind=_DTYPES.get(dtype),
        pooling=_pooling(pooling),
        limit=_limit(part, positions),
        prompts=prompts_of(about.get("prompts") or {}),
    )


def _pooling(config: Mapping[str, Any]) -> Pooling:
    old = ("pooling_mode_mean_tokens", "pooling_mode_cls_token")
    modes: list[Pooling] = ["mean", "cls"]
    chosen = [mode for mode, name in zip(modes, old, strict=True) if config.get(name)]
    if "pooling_mode" in config:
        chosen = [config["pooling_mode"]]
    (only,) = chosen
    return only


def _limit(part: Path, positions: int) -> int:
    """Return how many tokens the model reads, as sentence-transformers finds it."""
    reading = _known(part / "sentence_bert_config.json", _READING)
    limit = reading.get("max_seq_length")
    if limit is None:
        of_tokenizer = read_json(part / "tokenizer_config.json").get("model_max_length")
        limit = min(int(of_tokenizer or positions), positions)
    _require(_size(limit) <= positions)
    return _size(limit)


def _known(
    path: Path, values: Mapping[str, Collection[Any] | None]
) -> Mapping[str, Any]:
    """Read a configuration; raises ValueError where it says more than is known."""
    config: Mapping[str, Any] = read_json(path)
    for name, value in config.items():
        known = values[name]
        _require(known is None or value in known)
    return config


def _size(value: Any) -> int:
    """Return a size; raises ValueError for what is none, True among it."""
    _require(type(value) is int and value > 0)
    return int(value)


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError("not a plain model")


def _linear(name: str, given: int, made: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (made, given)
    yield f"{name}.bias", (made,)


def _norm(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)
