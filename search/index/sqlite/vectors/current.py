"""The vectors of the newest generation, kept from one to the next by all threads.

A generation costs what came and went; only another base file is read whole.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.errors import IndexDamaged
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.vectors.base_file import read_base
from search.index.sqlite.vectors.building import base_of_rows
from search.index.sqlite.vectors.departed import departed_since, last_departure
from search.index.sqlite.vectors.flat_codes import FlatCodes
from search.index.sqlite.vectors.tail import Tail
from search.index.sqlite.vectors.view import VectorView
from search.manifest import Manifest
from search.port_values import Ids


@dataclass
class _Held:
    """All that was read: of ``generation``, all passages up to ``last`` and departures up
    to ``departure``."""

    name: str
    generation: int
    base: FlatCodes
    tail: Tail
    gone: Ids
    last: int
    departure: int

    def catch_up(self, db: sqlite3.Connection, generation: int) -> VectorView:
        """Read what came and went since, and return what there is now."""
        for ids, vectors in ArticleStore(db).vector_rows(after=self.last):
            self.tail.add(ids, vectors)
            self.last = int(ids[-1])
        gone, self.departure = departed_since(db, self.departure)
        self.gone = np.union1d(self.gone, gone)
        self.generation = generation
        return VectorView(self.base, self.tail.codes(), self.gone)


class CurrentVectors:
    """Views of the vectors of an index directory; safe from several threads."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._view: VectorView | None = None

    def of(
        self,
        known: Manifest,
        db: sqlite3.Connection,
        *,
        derive: bool = True,
        passages: int | None = None,
    ) -> VectorView:
        """Return the vectors of the generation that the connection reads.

        Where the base file is damaged they are those of the rows, and where there are
        not so many ``passages``; so they are where it is gone, but FileNotFoundError is
        raised unless ``derive``. Raises IndexDamaged where the rows can't be read
        either.
        """
        # One thread loads, the others wait for it: a large file takes seconds.
        with self._lock:
            held = self._held
            if held is None or held.name != known.vectors:
                held = self._load(known, db, derive=derive)
            elif held.generation > known.generation:
                # Another thread has seen a later one; for this reader it is the last.
                held = _loaded(known, held.base)
                return held.catch_up(db, known.generation)
            elif held.generation == known.generation and self._view is not None:
                return self._view
            view = held.catch_up(db, known.generation)
            if passages not in (None, len(view)):
                held = _derived(known, db)
                view = held.catch_up(db, known.generation)
            self._held, self._view = held, view
            return view

    def _load(self, known: Manifest, db: sqlite3.Connection, *, derive: bool) -> _Held:
        """Read the base file, or derive it from all rows."""
        try:
            return _loaded(known, read_named_base(self.directory, known))
        except FileNotFoundError:
            if not derive:
                raise
        except (OSError, IndexDamaged):
            pass
        return _derived(known, db)


def read_named_base(directory: Path, known: Manifest) -> FlatCodes:
    """Read the base file that a manifest names; raises OSError and IndexDamaged."""
    if not is_beside(known):
        raise IndexDamaged("The manifest names a vector file of another folder.")
    base = read_base(directory / known.vectors, known.vectors_sha256)
    if base.dimension != known.dimension or base.last > known.vectors_upto:
        raise IndexDamaged("The vector file is that of another index.")
    return base


def is_beside(known: Manifest) -> bool:
    """Tell if the vector file that a manifest names lies beside it, as ours do."""
    return Path(known.vectors).name == known.vectors != ""


def _loaded(known: Manifest, base: FlatCodes) -> _Held:
    return _Held(
        known.vectors,
        known.generation,
        base,
        Tail(base.quantizer, base.dimension),
        gone=np.empty(0, np.int64),
        last=known.vectors_upto,
        departure=0,
    )


def _derived(known: Manifest, db: sqlite3.Connection) -> _Held:
    """Make a base of all rows, as there is no file of it."""
    base = base_of_rows(ArticleStore(db), known.dimension)
    held = _loaded(known, base)
    held.last, held.departure = base.last, last_departure(db)
    return held
