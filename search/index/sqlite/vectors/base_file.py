"""The base file: codes of all passages up to one id, written once and never changed.

A file that isn't what was written is refused before anything else reads it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from search.errors import IndexDamaged
from search.index.private_files import make_file, mode_beside
from search.index.sqlite.undo.folders import sync_folder
from search.index.sqlite.vectors.flat_codes import FlatCodes
from search.index.sqlite.vectors.quantizer import Quantizer

MAGIC = b"BLOGVEC1"
HEADER = 512  # bytes: the magic, then JSON, then blanks
PART = 1 << 20  # bytes that are read or hashed at once
MAPPED = "scan"  # the kind that FAISS reads; it is mapped, as it can be large


@dataclass(frozen=True, slots=True)
class Written:
    """A base file as the manifest names it."""

    name: str
    sha256: str


def write_base(base: FlatCodes, folder: Path, stem: str) -> Written:
    """Write a base to a new file, durable when this returns; raises OSError."""
    partial = folder / f"{stem}.partial"
    with _complaining(folder, partial):
        make_file(partial, mode_beside(partial))
        with partial.open("wb") as out:
            digest = hashlib.sha256()

            def write(data: bytes) -> int:
                digest.update(data)
                return out.write(data)

            write(_header(base))
            _write_codes(base, write)
            out.flush()
            os.fsync(out.fileno())
        name = f"{stem}-{digest.hexdigest()[:12]}.faiss"
        partial.replace(folder / name)
        sync_folder(folder)  # the new name itself has to survive a power cut
    return Written(name, digest.hexdigest())


def read_base(path: Path, sha256: str) -> FlatCodes:
    """Read a base file; raises OSError, and IndexDamaged where it isn't what was
    written.

    FAISS itself loads files with flipped bits without complaint, hence the checksum.
    """
    with _regular(path) as file:
        header = _read_header(file, path)
        data: NDArray[np.uint8]
        if header.get("kind") == MAPPED:
            data = np.memmap(file, np.uint8, "r")
        else:
            file.seek(0)
            data = np.fromfile(file, np.uint8)
    if _sha256(data) != sha256:
        raise IndexDamaged(f"The vector file {path.name} is damaged.")
    try:
        return _base_of(header, data[HEADER:])
    except (KeyError, TypeError, ValueError) as error:
        raise IndexDamaged(f"The vector file {path.name} can't be read.") from error


def is_whole(path: Path, sha256: str, *, most: int | None = None) -> bool:
    """Tell if a file is there and is what was written; of one with more bytes than
    ``most`` only the beginning and the length are looked at."""
    try:
        with _regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            header = _read_header(file, path)
            if most is not None and size > most:
                # Ids and codes alone take as much.
                least = header["count"] * (8 + header["dimension"])
                return HEADER + int(least) <= size
            file.seek(0)
            digest = hashlib.sha256()
            while data := file.read(PART):
                digest.update(data)
    except (OSError, IndexDamaged, KeyError):
        return False
    return digest.hexdigest() == sha256


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    """Open a file, and nothing else that may lie there: a pipe would never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise IndexDamaged(f"The vector file {path.name} is no file.")
    with path.open("rb") as file:
        yield file


def _header(base: FlatCodes) -> bytes:
    values: dict[str, Any] = {"kind": "flat", "count": len(base)}
    if base.scan is not None:
        values["kind"] = MAPPED
    values |= {"dimension": base.dimension} | asdict(base.quantizer)
    return (MAGIC + json.dumps(values).encode()).ljust(HEADER)


def _read_header(file: BinaryIO, path: Path) -> dict[str, Any]:
    data = file.read(HEADER)
    try:
        if not data.startswith(MAGIC):
            raise ValueError("of an older release, or another program")
        return dict(json.loads(data.removeprefix(MAGIC)))
    except (ValueError, TypeError) as error:
        raise IndexDamaged(
            f"The vector file {path.name} is of another kind."
        ) from error


def _write_codes(base: FlatCodes, write: Callable[[bytes], int]) -> None:
    write(base.ids.astype("<i8").tobytes())
    if base.scan is not None:
        base.scan.write(write)
        return
    rows = max(1, PART // base.dimension)
    for start in range(0, len(base), rows):
        write(base.codes[start : start + rows].tobytes())


def _base_of(header: dict[str, Any], data: NDArray[np.uint8]) -> FlatCodes:
    quantizer = Quantizer(header["step"], header["error"], header["longest"])
    count, dimension = header["count"], header["dimension"]
    ids, codes = data[: 8 * count].view("<i8"), data[8 * count :]
    if header["kind"] != MAPPED:
        return FlatCodes(ids, codes.reshape(count, dimension), quantizer)
    from search.index.sqlite.vectors.faiss_index import CodeScan

    scan = CodeScan.read(codes)
    if scan.codes.shape != (count, dimension):
        raise ValueError("codes of another set")
    return FlatCodes(ids, scan.codes, quantizer, scan=scan)


def _sha256(data: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256()
    for start in range(0, len(data), PART):
        digest.update(data[start : start + PART].data)
    return digest.hexdigest()


@contextmanager
def _complaining(folder: Path, partial: Path) -> Iterator[None]:
    """Remove an unfinished file, and name it in what is raised."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, OSError):
            error.filename = error.filename or str(folder)
        with suppress(OSError):
            partial.unlink()
        raise
