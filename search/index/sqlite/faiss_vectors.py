"""Exact nearest neighbours by FAISS, in files that are what they claim to be.

The one module that knows FAISS; it knows no rows.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from search.errors import IndexDamaged
from search.index.private_files import make_file, mode_beside
from search.ports import Ids, Vectors

# The two bring an OpenMP each; on macOS torch has to come first.
if os.uname().sysname == "Darwin":
    import torch  # noqa: F401  # sentence-transformers#2291

import faiss

# In a forked process OpenMP's threads are gone, and it would wait for them for ever.
os.register_at_fork(after_in_child=lambda: faiss.omp_set_num_threads(1))

# Neighbours asked for beyond those wanted, so that ties at the end are cut by id.
TIES = 16
# Loops of reading one file, FAISS's limit; ours has two parts, one inside the other.
LOOPS = 1000

_limits = threading.Lock()  # FAISS has them once for all threads


class FaissIndex:
    """Vectors by id, exactly the nearest by inner product; reading is safe from several
    threads."""

    def __init__(self, dimension: int) -> None:
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add vectors, shape (n, dimension), under new ids."""
        if len(ids):
            self._index.add_with_ids(
                np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64)
            )

    def remove(self, ids: Ids) -> None:
        """Remove these ids; unknown ones are passed over."""
        if len(ids):
            self._index.remove_ids(np.asarray(ids, np.int64))

    def nearest(
        self, vector: Vectors, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, Vectors]:
        """Return ids and inner products of the k nearest, best first, ties by smaller
        id; with ``allowed`` only among those."""
        wanted = min(k + TIES, len(self))
        if wanted == 0 or (allowed is not None and len(allowed) == 0):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.asarray(allowed, np.int64))
            parameters = faiss.SearchParameters(sel=selector)
        # Of this thread: for one vector more of them only spin, in the way of torch's.
        faiss.omp_set_num_threads(1)
        scores, ids = self._index.search(
            vector.reshape(1, -1), wanted, params=parameters
        )
        found = ids[0] >= 0  # FAISS fills up with -1 where there are fewer
        order = np.lexsort((ids[0][found], -scores[0][found]))[:k]
        return ids[0][found][order], scores[0][found][order]

    def rows(self) -> tuple[Ids, Vectors]:
        """Return all ids, ascending, and their vectors: shapes (n,) and (n, dimension)."""
        ids = faiss.vector_to_array(self._index.id_map)
        order = np.argsort(ids, kind="stable")
        return ids[order], self._index.index.reconstruct_n(0, len(self))[order]

    def save(self, folder: Path, stem: str) -> tuple[str, str]:
        """Write the whole index to a new file, durable when this returns: (name,
        sha256).

        Not faiss.write_index, which can lose its last buffer on a full disk and report
        success.
        """
        data = faiss.serialize_index(self._index).tobytes()
        checksum = hashlib.sha256(data).hexdigest()
        name = f"{stem}-{checksum[:12]}.faiss"
        partial = folder / f"{name}.partial"
        try:
            make_file(partial, mode_beside(partial))
            with partial.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            partial.replace(folder / name)
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)  # the new name itself has to survive a power cut
            finally:
                os.close(handle)
        except BaseException as error:
            if isinstance(error, OSError):
                error.filename = error.filename or str(folder / name)
            with suppress(OSError):
                partial.unlink()
            raise
        return name, checksum

    @classmethod
    def load(cls, path: Path, checksum: str) -> FaissIndex:
        """Read a file that ``save`` wrote; raises OSError, and IndexDamaged where it
        isn't that any more.

        FAISS itself loads files with flipped bits without complaint, hence the
        checksum.
        """
        data = _read(path)
        if hashlib.sha256(data).hexdigest() != checksum:
            raise IndexDamaged(f"The vector file {path.name} is damaged.")
        loaded = cls.__new__(cls)
        try:
            with _limits:
                faiss.set_deserialization_loop_limit(LOOPS)
                faiss.set_deserialization_vector_byte_limit(max(len(data), 1))
                loaded._index = faiss.deserialize_index(np.frombuffer(data, np.uint8))
            is_ours = isinstance(loaded._index, faiss.IndexIDMap2) and isinstance(
                faiss.downcast_index(loaded._index.index), faiss.IndexFlatIP
            )
        except (RuntimeError, MemoryError) as error:
            raise IndexDamaged(f"The vector file {path.name} can't be read.") from error
        if not is_ours:
            raise IndexDamaged(f"The vector file {path.name} is of another kind.")
        return loaded


def is_whole(path: Path, checksum: str) -> bool:
    """Tell if a file is there and is what ``save`` wrote."""
    try:
        return hashlib.sha256(_read(path)).hexdigest() == checksum
    except (OSError, IndexDamaged):
        return False


def _read(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
        raise IndexDamaged(f"The vector file {path.name} is no file.")
    return path.read_bytes()
