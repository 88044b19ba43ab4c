"""FAISS: codes compared by it, all of them or those of the nearest lists.

The one module that knows FAISS; it knows no rows and no files.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from search.errors import IndexDamaged
from search.index.sqlite.vectors.quantizer import LEVELS, ZERO, Codes
from search.ports import Ids, Vectors

# The two bring an OpenMP each; on macOS torch has to come first.
if os.uname().sysname == "Darwin":
    import torch  # noqa: F401  # sentence-transformers#2291

import faiss

# In a forked process OpenMP's threads are gone, and it would wait for them for ever.
os.register_at_fork(after_in_child=lambda: faiss.omp_set_num_threads(1))

# Lists for a number of vectors, times its square root: more of them cost training,
# fewer of them recall. Measured over 12,468 passages, see PROBED.
LISTS = 2
SAMPLE = 40  # vectors a list to train on; FAISS warns below 39
# Of the vectors that may be found, the share whose lists are compared. Of 12,468
# passages 0.10 finds 0.996 of the ten nearest and 0.94 of 200, 0.15 finds 0.998 and 0.97.
PROBED = 0.15
# Steps of reading one file, FAISS's limit; lists count one each.
LOOPS = 1 << 24

_limits = threading.Lock()  # FAISS has them once for all threads
_KIND = faiss.ScalarQuantizer.QT_8bit_direct_signed


class FlatScan:
    """All codes, in FAISS's memory."""

    def __init__(self, codes: Codes) -> None:
        dimension = codes.shape[1]
        self._index = faiss.IndexScalarQuantizer(
            dimension, _KIND, faiss.METRIC_INNER_PRODUCT
        )
        self._index.add_sa_codes(np.ascontiguousarray(codes))
        held = faiss.rev_swig_ptr(self._index.codes.data(), codes.size)
        self.codes: Codes = held.reshape(codes.shape)

    def best(
        self, question: Vectors, count: int, chosen: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], Vectors, float]:
        """Return rows and products in steps of the codes, and the length of what the
        question's own code leaves out."""
        parameters = None
        if chosen is not None:
            parameters = faiss.SearchParameters(sel=_selector(chosen))
        return _search(self._index, question, count, parameters)


class InvertedLists:
    """Codes by id in lists of what is alike, of which a question looks at some.

    A slot is an id. Reading is safe from several threads.
    """

    def __init__(self, index: faiss.IndexIVFScalarQuantizer, memory: object) -> None:
        self._index = index
        self._memory = memory  # that the index looks into

    @classmethod
    def trained(cls, sample: Codes, lists: int) -> InvertedLists:
        """Make empty lists for codes like these."""
        dimension = sample.shape[1]
        index = _empty(faiss.IndexFlatIP(dimension), dimension, lists)
        # Few vectors make worse lists, and are no reason to warn.
        index.cp.min_points_per_centroid = 1
        index.cp.max_points_per_centroid = SAMPLE
        index.cp.spherical = True
        index.train(_levels(sample))
        return cls(index, None)

    @classmethod
    def read(cls, data: NDArray[np.uint8]) -> InvertedLists:
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
        if not isinstance(index, faiss.IndexIVFScalarQuantizer):
            raise IndexDamaged("The vector file is of another kind.")
        return cls(index, data)

    def write(self, write: Callable[[bytes], int]) -> None:
        """Write the whole index by a function that takes bytes."""
        faiss.write_index(self._index, faiss.PyCallbackIOWriter(write))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    @property
    def lists(self) -> int:
        """The number of lists."""
        return int(self._index.nlist)

    def add(self, ids: Ids, codes: Codes) -> None:
        """Add codes under new ids."""
        faiss.omp_set_num_threads(1)
        if len(ids):
            self._index.add_with_ids(_levels(codes), np.ascontiguousarray(ids))

    def without(self, gone: Ids) -> InvertedLists:
        """Copy the lists but for some ids, into memory of their own."""
        index = _empty(
            faiss.clone_index(self._index.quantizer), self.dimension, self.lists
        )
        index.is_trained = True
        for number, (ids, codes) in enumerate(self.parts()):
            kept = ~np.isin(ids, gone)
            ids, codes = ids[kept], codes[kept]
            if len(ids):
                index.invlists.add_entries(
                    number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes)
                )
        index.ntotal = index.invlists.compute_ntotal()
        return InvertedLists(index, None)

    def parts(self) -> Iterator[tuple[Ids, Codes]]:
        """Yield the ids and codes of each list."""
        held, dimension = self._index.invlists, self.dimension
        for number in range(self.lists):
            size = held.list_size(number)
            if not size:
                yield np.empty(0, np.int64), np.empty((0, dimension), np.uint8)
                continue
            codes = faiss.rev_swig_ptr(held.get_codes(number), size * dimension)
            ids = faiss.rev_swig_ptr(held.get_ids(number), size)
            yield ids.copy(), codes.reshape(size, dimension).copy()

    def best(
        self, question: Vectors, count: int, chosen: NDArray[np.bool_] | None
    ) -> tuple[Ids, Vectors, float]:
        """Return ids and products in steps of the codes, and the length of what the
        question's own code leaves out."""
        share, options = PROBED, {}
        if chosen is not None:
            # However few may be found, as many of them are compared.
            count = max(1, int(np.count_nonzero(chosen)))
            share *= max(1.0, len(self) / count)  # slots without a passage count too
            options["sel"] = _selector(chosen)
        probed = min(self.lists, math.ceil(share * self.lists))
        parameters = faiss.SearchParametersIVF(nprobe=probed, **options)
        return _search(self._index, question, count, parameters)


def lists_for(count: int) -> int:
    """Return the number of lists that is good for so many vectors."""
    return max(1, round(LISTS * math.sqrt(count)))


def _empty(
    quantizer: faiss.Index, dimension: int, lists: int
) -> faiss.IndexIVFScalarQuantizer:
    metric, by_residual = faiss.METRIC_INNER_PRODUCT, False
    return faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, _KIND, metric, by_residual
    )


def _search(
    index: faiss.Index,
    question: Vectors,
    count: int,
    parameters: faiss.SearchParameters | None,
) -> tuple[NDArray[np.int64], Vectors, float]:
    # FAISS compares bytes with bytes, so that the question becomes such a code too.
    unit = float(np.abs(question).max(initial=0.0)) / LEVELS or 1.0
    levels = np.rint(question / np.float32(unit)).astype(np.float32)
    rest = float(np.linalg.norm(question - levels * np.float32(unit)))
    # Of this thread: for one vector more of them only spin, in the way of others.
    faiss.omp_set_num_threads(1)
    products, found = index.search(levels[None], count, params=parameters)
    is_there = found[0] >= 0  # FAISS fills up with -1 where there are fewer
    return found[0][is_there], products[0][is_there] * np.float32(unit), rest


def _selector(chosen: NDArray[np.bool_]) -> faiss.IDSelectorBitmap:
    return faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))


def _levels(codes: Codes) -> Vectors:
    return codes.astype(np.float32) - ZERO
