"""The weights of a model as they lie in a safetensors file, each read when it is needed.

Nothing is mapped into memory, where a file that is cut off would end the process.
"""

from __future__ import annotations

import hashlib
import json
import os
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.port_values import Vectors

# By the format's own names. numpy has no bfloat16: the upper half of a float32.
KINDS: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}
PIECE_BYTES = 1 << 20  # read at once for a checksum


class Tensor(NamedTuple):
    """The kind of its numbers, its shape, and the bytes that it lies at."""

    kind: str
    shape: tuple[int, ...]
    start: int
    end: int


class Weights:
    """The tensors of one file, whose header was examined before.

    The file stays open: one that is put in its place is another model's. Safe to use
    from several threads.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        self.tensors = dict(_header(self._file))

    def read(self, name: str) -> Vectors:
        """Return a tensor as float32; raises ValueError for values that are none."""
        tensor = self.tensors[name]
        data = self._bytes(tensor.start, tensor.end - tensor.start)
        return _numbers(data, tensor.kind, tensor.shape)

    def rows(self, name: str, numbers: NDArray[np.int64]) -> Vectors:
        """Return some rows of a table as float32, shape (rows, width).

        Raises ValueError for numbers that it has no row of, and for values that are
        none.
        """
        table = self.tensors[name]
        count, width = table.shape
        if not 0 <= numbers.min(initial=0) <= numbers.max(initial=0) < count:
            raise ValueError("its tokenizer has more words than its weights")
        length = width * KINDS[table.kind].itemsize
        starts = table.start + numbers * length
        data = b"".join(self._bytes(start, length) for start in starts.tolist())
        return _numbers(data, table.kind, (len(numbers), width))

    def fingerprint(self, prompts: str, names: Mapping[str, str]) -> str:
        """Return the sha256 over the prompts, and over names and values of the tensors.

        ``names`` has the name of each that is noted and the one in the file.
        """
        digest = hashlib.sha256(prompts.encode())
        for noted, name in sorted(names.items()):
            digest.update(noted.encode())
            tensor = self.tensors[name]
            for start in range(tensor.start, tensor.end, PIECE_BYTES):
                digest.update(self._bytes(start, min(PIECE_BYTES, tensor.end - start)))
        return digest.hexdigest()

    def _bytes(self, start: int, length: int) -> bytes:
        """Read a part of the file; raises ValueError where it ends before."""
        data = os.pread(self._file, length, start)
        if len(data) != length:
            raise ValueError("its weights are cut off")
        return data


def stored_names(folder: Path) -> set[str]:
    """Return the names of all tensors in the safetensors files of a model, which were
    examined before."""
    names: set[str] = set()
    for path in folder.rglob("*.safetensors"):
        names.update(Weights(path).tensors)
    return names


def _numbers(data: bytes, kind: str, shape: tuple[int, ...]) -> Vectors:
    values = np.frombuffer(data, KINDS[kind]).reshape(shape)
    if kind == "BF16":
        values = (values.astype(np.uint32) << 16).view(np.float32)
    found: Vectors = values.astype(np.float32, copy=False)
    if not np.isfinite(found).all():
        raise ValueError("its weights are no numbers")
    return found


def _header(file: int) -> list[tuple[str, Tensor]]:
    """Read the names and places of all tensors."""
    length = int.from_bytes(os.pread(file, 8, 0), "little")
    begin = 8 + length
    tensors = []
    for name, told in json.loads(os.pread(file, length, 8)).items():
        if name == "__metadata__":
            continue
        start, end = told["data_offsets"]
        tensor = Tensor(told["dtype"], tuple(told["shape"]), begin + start, begin + end)
        tensors.append((name, tensor))
    return tensors
