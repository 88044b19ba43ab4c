"""Folders that are made to look like a model: pickles, code, links, false weights.

Each entry harms a copy of a sound model of one kind; ``Trap`` leaves a mark where it is
unpickled, and the code leaves one where it is run.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

WEIGHTS = "model.safetensors"
PICKLES = (".bin", ".pt", ".pkl", ".ckpt", ".joblib", ".metadata")


class Trap:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self):
        return (open, (self.mark, "w"))


def trap(path: Path, mark: Path) -> None:
    """A pickle, in torch's own format where its name says so."""
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".bin":
        torch.save({"x": Trap(mark)}, path)
    else:
        path.write_bytes(pickle.dumps(Trap(mark)))


def edit(path: Path, **changes: object) -> None:
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(known | changes))


def add_module(model: Path, kind: str, *, path: str = "2_More") -> Path:
    """Append a module, whose folder is returned."""
    modules = json.loads((model / "modules.json").read_text())
    modules.append({"idx": 2, "name": "2", "path": path, "type": kind})
    (model / "modules.json").write_text(json.dumps(modules))
    folder = model / path
    folder.mkdir(exist_ok=True)
    return folder


def decoy(folder: Path, *, name: str = "other.safetensors") -> None:
    """Sound safetensors that nothing loads."""
    save_file({"x": torch.zeros(1)}, folder / name)


def header(text: bytes, *, length: int | None = None, data: bytes = b"") -> bytes:
    """The bytes of safetensors with this header."""
    size = len(text) if length is None else length
    return size.to_bytes(8, "little") + text + data


Harm = Callable[[Path, Path], None]


def pickled(name: str, *beside: str) -> Harm:
    """A pickle in the place of the weights, with decoys beside it."""

    def harm(model: Path, mark: Path) -> None:
        (model / WEIGHTS).unlink()
        trap(model / name, mark)
        for one in beside:
            decoy(model, name=one)

    return harm


def pickled_module(kind: str, **config: object) -> Harm:
    """A further module whose weights are a pickle beside a decoy."""

    def harm(model: Path, mark: Path) -> None:
        folder = add_module(model, kind)
        for name in ("config.json", "router_config.json", "wordembedding_config.json"):
            (folder / name).write_text(json.dumps(config))
        trap(folder / "pytorch_model.bin", mark)
        decoy(folder)

    return harm


def by_index(model: Path, mark: Path) -> None:
    (model / WEIGHTS).unlink()
    trap(model / "pytorch_model.bin", mark)
    names = {"embeddings.word_embeddings.weight": "pytorch_model.bin"}
    edit(model / f"{WEIGHTS}.index.json", metadata={}, weight_map=names)
    decoy(model)


def by_bin_index(model: Path, mark: Path) -> None:
    pickled("pytorch_model-00001-of-00001.bin", "a.safetensors")(model, mark)
    names = {"x": "pytorch_model-00001-of-00001.bin"}
    edit(model / "pytorch_model.bin.index.json", metadata={}, weight_map=names)


def by_index_elsewhere(model: Path, mark: Path) -> None:
    (model / WEIGHTS).rename(model.parent / "elsewhere.safetensors")
    edit(
        model / f"{WEIGHTS}.index.json",
        metadata={},
        weight_map={"x": "../elsewhere.safetensors"},
    )


def adapter(model: Path, mark: Path) -> None:
    edit(model / "adapter_config.json", base_model_name_or_path="x/y", peft_type="LORA")
    trap(model / "adapter_model.bin", mark)


def explicit_adapter(model: Path, mark: Path) -> None:
    trap(model / "adapter_model.bin", mark)
    edit(model / "config.json", transformers_weights="adapter_model.bin")


def in_disguise(model: Path, mark: Path) -> None:
    trap(model / WEIGHTS, mark)


def code(kind: str) -> Harm:
    """A module of a class that lies beside the model."""

    def harm(model: Path, mark: Path) -> None:
        for name in ("evil.py", "modeling_evil.py"):
            (model / name).write_text(f"open({str(mark)!r}, 'w').close()\n")
        modules = json.loads((model / "modules.json").read_text())
        modules[0]["type"] = kind
        (model / "modules.json").write_text(json.dumps(modules))

    return harm


def auto_map(file: str, key: str) -> Harm:
    def harm(model: Path, mark: Path) -> None:
        code("sentence_transformers.models.Transformer")(model, mark)
        edit(model / file, auto_map={key: "evil.Model"})

    return harm


def activation(name: object) -> Harm:
    """A dense layer whose function is whatever its configuration names."""

    def harm(model: Path, mark: Path) -> None:
        folder = add_module(model, "sentence_transformers.models.Dense")
        edit(
            folder / "config.json",
            in_features=32,
            out_features=8,
            activation_function=name,
        )
        weights = {"linear.weight": torch.ones(8, 32), "linear.bias": torch.ones(8)}
        save_file(weights, folder / WEIGHTS)

    return harm


def argument(**changes: object) -> Harm:
    """Arguments that the module's own configuration hands on to the libraries."""

    def harm(model: Path, mark: Path) -> None:
        edit(model / "sentence_bert_config.json", **changes)

    return harm


def configured(file: str, **changes: object) -> Harm:
    return lambda model, mark: edit(model / file, **changes)


def linked(name: str, *, target: str = "") -> Harm:
    """A link out of the folder in the place of a part of the model."""

    def harm(model: Path, mark: Path) -> None:
        outside = model.parent / "outside"
        (model / name).rename(outside)
        (model / name).symlink_to(target or outside)

    return harm


def module_path(path: str) -> Harm:
    def harm(model: Path, mark: Path) -> None:
        outside = model.parent / "2_Out"
        outside.mkdir()
        (outside / "config.json").write_text('{"in_features": 32, "out_features": 8}')
        save_file({"linear.weight": torch.ones(8, 32)}, outside / WEIGHTS)
        modules = json.loads((model / "modules.json").read_text())
        kind = "sentence_transformers.models.Dense"
        where = path.format(outside=outside)
        modules.append({"idx": 2, "name": "2", "path": where, "type": kind})
        (model / "modules.json").write_text(json.dumps(modules))

    return harm


def written(name: str, body: bytes) -> Harm:
    return lambda model, mark: (model / name).write_bytes(body) and None


def absent(name: str) -> Harm:
    def harm(model: Path, mark: Path) -> None:
        path = model / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return harm


def special(name: str, *, folder: bool = False) -> Harm:
    """A pipe or a folder in the place of a file."""

    def harm(model: Path, mark: Path) -> None:
        (model / name).unlink()
        (model / name).mkdir() if folder else os.mkfifo(model / name)

    return harm


def weights(change: Callable[[dict], dict]) -> Harm:
    """Real safetensors, with other tensors in them."""

    def harm(model: Path, mark: Path) -> None:
        known = {
            name: tensor.clone() for name, tensor in load_file(model / WEIGHTS).items()
        }
        save_file(change(known), model / WEIGHTS)

    return harm


def cut(model: Path, mark: Path) -> None:
    whole = (model / WEIGHTS).read_bytes()
    (model / WEIGHTS).write_bytes(whole[: len(whole) // 2])


def nothing_known(model: Path, mark: Path) -> None:
    """A tokenizer whose words have numbers beyond the table of vectors."""
    path = model / "tokenizer.json"
    known = json.loads(path.read_text())
    vocabulary = known["model"]["vocab"]
    known["model"]["vocab"] = {
        word: number + 10_000 * (not word.startswith("["))
        for word, number in vocabulary.items()
    }
    path.write_text(json.dumps(known))


ONE = b'{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
DENSE = "sentence_transformers.models.Dense"
SIZES = {"in_features": 32, "out_features": 8}
# Kinds of modules that have read pickles or imported what their configuration names.
OTHER_KINDS = (
    "WordEmbeddings", "WordWeights", "CNN", "LSTM", "BoW", "Asym", "Router", "CLIPModel",
)  # fmt: skip

# Harm to a transformer with a layer for the mean over its tokens.
HOSTILE: dict[str, Harm] = {
    "bin beside a decoy": pickled("pytorch_model.bin", "other.safetensors"),
    "bin beside another variant": pickled("pytorch_model.bin", "model.fp16.safetensors"),
    "bin beside an adapter": pickled("pytorch_model.bin", "adapter_model.safetensors"),
    "bin beside a distributed decoy": pickled(
        "pytorch_model.bin", "shard-00001-model-00001-of-00001.safetensors"
    ),
    "bin": pickled("pytorch_model.bin"),
    "pt": pickled("model.pt"),
    "pkl": pickled("weights.pkl", "a.safetensors"),
    "ckpt": pickled("model.ckpt"),
    "joblib": pickled("model.joblib"),
    "metadata": pickled(".metadata", "a.safetensors"),
    "index of a bin": by_index,
    "index of bins": by_bin_index,
    "index of weights elsewhere": by_index_elsewhere,
    "adapter": adapter,
    "adapter as the weights": explicit_adapter,
    "pickle named safetensors": in_disguise,
    "dense bin beside a decoy": pickled_module(DENSE, **SIZES),
    "dense bin by its new name": pickled_module(
        "sentence_transformers.base.modules.dense.Dense", **SIZES
    ),
    "layer norm bin": pickled_module(
        "sentence_transformers.models.LayerNorm", dimension=32
    ),
    "weighted layers bin": pickled_module(
        "sentence_transformers.models.WeightedLayerPooling",
        word_embedding_dimension=32,
    ),
    **{
        f"{kind} bin": pickled_module(
            f"sentence_transformers.models.{kind}",
            types={"": "evil.Model"},
            structure={"query": [""]},
            tokenizer_class="evil.Model",
        )
        for kind in OTHER_KINDS
    },
    "class beside the model": code("evil.Model"),
    "class in a file of that name": code("modeling_evil.Model"),
    "class of the standard library": code("os.system"),
    "class by a way round": code("sentence_transformers.util.os.system"),
    "class with a false package": code("sentence_transformers_evil.Transformer"),
    "class of another name": code("sentence_transformers.trainer.Trainer"),
    "no class": code(""),
    "auto_map": auto_map("config.json", "AutoModel"),
    "auto_map of a tokenizer": auto_map("tokenizer_config.json", "AutoTokenizer"),
    "auto_map of a pooling": auto_map("1_Pooling/config.json", "AutoModel"),
    "function to call": activation("os.abort"),
    "function of torch to call": activation("torch.hub.list"),
    "class of torch to make": activation("torch.nn.modules.lazy.LazyModuleMixin"),
    "function that is no name": activation(["torch.nn.Tanh"]),
    "other tokenizer": argument(tokenizer_name_or_path=".."),
    "gguf": argument(model_args={"gguf_file": "../x.gguf"}),
    "kernel": argument(model_kwargs={"attn_implementation": "owner/kernel"}),
    "kernel in config": configured("config.json", _attn_implementation="owner/kernel"),
    "backbone": configured("config.json", nested={"use_pretrained_backbone": True}),
    "variant": argument(model_kwargs={"variant": "fp16"}),
    "argument unknown": argument(model_kwargs={"nonsense": 1}),
    "setting unknown": argument(nonsense=1),
    "link to config": linked("config.json"),
    "link to weights": linked(WEIGHTS),
    "link to a tokenizer": linked("tokenizer.json"),
    "link to a folder": linked("1_Pooling"),
    "link to a device": linked("config.json", target="/dev/zero"),
    "link from modules to a device": linked("modules.json", target="/dev/zero"),
    "link to weights of a device": linked(WEIGHTS, target="/dev/zero"),
    "link to itself": linked(WEIGHTS, target=WEIGHTS),
    "module above": module_path("../2_Out"),
    "module by its whole path": module_path("{outside}"),
    "module as a number": code("sentence_transformers.models.Dense"),
    "weights empty": written(WEIGHTS, b""),
    "header cut off": written(WEIGHTS, header(ONE)[:20]),
    "header too long": written(WEIGHTS, header(ONE, length=2**63, data=bytes(4))),
    "header beyond its file": written(WEIGHTS, header(ONE, length=9_000_000)),
    "header not UTF-8": written(WEIGHTS, header(b'{"\xff":{}}')),
    "header not JSON": written(WEIGHTS, header(b"{nonsense}")),
    "header no object": written(WEIGHTS, header(b"[1,2]")),
    "header nested": written(WEIGHTS, header(b"[" * 90_000)),
    "no tensors": written(WEIGHTS, header(b"{}")),
    "unknown kind of number": written(
        WEIGHTS, header(ONE.replace(b"F32", b"F99"), data=bytes(4))
    ),
    "shape below zero": written(
        WEIGHTS, header(ONE.replace(b"[1]", b"[-1]"), data=bytes(4))
    ),
    "shape too large": written(
        WEIGHTS, header(ONE.replace(b"[1]", b"[9223372036854775807,9]"), data=bytes(4))
    ),
    "offsets beyond the end": written(
        WEIGHTS, header(ONE.replace(b"[0,4]", b"[0,400]"), data=bytes(4))
    ),
    "weights cut off": cut,
    "other names": weights(
        lambda known: {f"x{n}": tensor for n, tensor in enumerate(known.values())}
    ),
    "one name": weights(lambda known: dict([next(iter(known.items()))])),
    "other shapes": weights(
        lambda known: {name: torch.ones(3) for name in known}
    ),
    "whole numbers": weights(
        lambda known: {name: tensor.to(torch.int64) for name, tensor in known.items()}
    ),
    "no numbers": weights(
        lambda known: {name: tensor * torch.nan for name, tensor in known.items()}
    ),
    "no weights": absent(WEIGHTS),
    "no configuration": absent("config.json"),
    "no tokenizer": lambda model, mark: [
        absent(name)(model, mark) for name in ("tokenizer.json", "tokenizer_config.json")
    ] and None,
    "no pooling": absent("1_Pooling"),
    "no modules": written("modules.json", b"[]"),
    **{
        f"{name} is {body[:12]!r}": written(name, body)
        for name in ("config.json", "modules.json", "tokenizer.json")
        for body in (b"", b"[", b"[3]", b"null", b'{"a": 1}', b"\xff\xfe", b"[" * 90_000)
    },
    "modules without paths": written("modules.json", b'[{"type": "a"}]'),
    "configuration of 30 MB": written("config.json", b'{"a": "%s"}' % (b"x" * 30_000_000)),
    "unknown architecture": configured("config.json", model_type="nonsense"),
    "other architecture": configured("config.json", model_type="t5"),
    "size of nothing": configured("config.json", hidden_size=0),
    "size below zero": configured("config.json", hidden_size=-5),
    "size in words": configured("config.json", hidden_size="large"),
    "more words than weights": configured("config.json", vocab_size=10**12),
    "fewer words than tokens": nothing_known,
    "pooling of nothing": configured("1_Pooling/config.json", pooling_mode="nonsense"),
    "prompts in a row": configured("config_sentence_transformers.json", prompts=[1]),
    "prompt as a number": configured(
        "config_sentence_transformers.json", prompts={"query": 5}
    ),
    "requirement": configured(
        "config_sentence_transformers.json", requirements={"nonsense": ">=1"}
    ),
    "pipe for configuration": special("config.json"),
    "pipe for weights": special(WEIGHTS),
    "pipe for modules": special("modules.json"),
    "pipe for a tokenizer": special("tokenizer.json"),
    "folder for weights": special(WEIGHTS, folder=True),
    "folder for configuration": special("config.json", folder=True),
}  # fmt: skip
