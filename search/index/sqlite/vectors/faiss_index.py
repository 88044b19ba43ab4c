"""FAISS: codes of one byte a coordinate, compared by the processor's own byte products.

The one module that knows FAISS; it knows no rows and no files.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from search.errors import IndexDamaged
from search.index.sqlite.vectors.quantizer import LEVELS, Codes
from search.port_values import Vectors

# The two bring an OpenMP each; on macOS torch has to come first.
if os.uname().sysname == "Darwin":
    import torch  # noqa: F401  # sentence-transformers#2291

import faiss

# In a forked process OpenMP's threads are gone, and it would wait for them for ever.
os.register_at_fork(after_in_child=lambda: faiss.omp_set_num_threads(1))

# Steps of reading one file, FAISS's limit; it takes a few.
LOOPS = 1000

_limits = threading.Lock()  # FAISS has them once for all threads
_KIND = faiss.ScalarQuantizer.QT_8bit_direct_signed


class CodeScan:
    """Codes that FAISS compares one by one; a row is a code. Reading is safe from
    several threads."""

    def __init__(self, index: faiss.IndexScalarQuantizer, memory: object) -> None:
        self._index = index
        self._memory = memory  # that the index looks into
        held = faiss.rev_swig_ptr(index.codes.data(), index.codes.size())
        self.codes: Codes = held.reshape(index.ntotal, index.d)

    @classmethod
    def of_size(cls, count: int, dimension: int) -> CodeScan:
        """Make room for codes, which the caller writes into ``codes``."""
        metric = faiss.METRIC_INNER_PRODUCT
        index = faiss.IndexScalarQuantizer(dimension, _KIND, metric)
        index.codes.resize(count * dimension)
        index.ntotal = count
        return cls(index, None)

    @classmethod
    def read(cls, data: NDArray[np.uint8]) -> CodeScan:
        """Read what ``write`` wrote; the codes stay where they lie.

        Raises IndexDamaged. The caller knows that these are the very bytes.
        """
        try:
            with _limits:
                faiss.set_deserialization_loop_limit(LOOPS)
                faiss.set_deserialization_vector_byte_limit(max(data.nbytes, 1))
                reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(data), data.nbytes)
                index = faiss.read_index(reader)
        except (RuntimeError, MemoryError) as error:
            raise IndexDamaged("The vector file can't be read.") from error
        if not isinstance(index, faiss.IndexScalarQuantizer):
            raise IndexDamaged("The vector file is of another kind.")
        if (index.sq.qtype, index.metric_type) != (_KIND, faiss.METRIC_INNER_PRODUCT):
            raise IndexDamaged("The vector file is of another kind.")
        return cls(index, data)

    def write(self, write: Callable[[bytes], int]) -> None:
        """Write all of it by a function that takes bytes."""
        faiss.write_index(self._index, faiss.PyCallbackIOWriter(write))

    def best(
        self, question: Vectors, count: int, chosen: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], Vectors, float]:
        """Return the best rows first, their products in steps of the codes, and the
        length of what the question's own code leaves out; of the ``chosen`` rows alone
        where those are given."""
        # FAISS compares bytes with bytes, so that the question becomes such a code too.
        unit = float(np.abs(question).max(initial=0.0)) / LEVELS or 1.0
        levels = np.rint(question / np.float32(unit)).astype(np.float32)
        rest = float(np.linalg.norm(question - levels * np.float32(unit)))
        # Of this thread: for one vector more of them only spin, in the way of others.
        faiss.omp_set_num_threads(1)
        among = None
        if chosen is not None:
            # A bit a row: at most twice the time that all rows take. A selection by ids
            # takes six times as long.
            bits = np.packbits(chosen, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            among = faiss.SearchParameters(sel=selector)
        products, rows = self._index.search(levels[None], count, params=among)
        is_there = rows[0] >= 0  # FAISS fills up with -1 where there are fewer
        return rows[0][is_there], products[0][is_there] * np.float32(unit), rest
