"""Articles taken out of a state of an index, down to the words in its full text.

Neither forgets nor decides: what is to go has left the index already, or is named.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from search.coverage_report import Coverage
from search.errors import IndexDamaged
from search.index.sqlite import schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.checksums import rows as checksums
from search.index.sqlite.commit import catch_up, conclude
from search.index.sqlite.directory_snapshot import open_to_copy
from search.index.sqlite.doctor.check import first_damage
from search.index.sqlite.doctor.verdict import told
from search.index.sqlite.duplicate_store import find_duplicates
from search.index.sqlite.erasing.compaction import compact, compact_unread
from search.index.sqlite.meta_store import (
    read_coverage,
    read_manifest,
    write_coverage,
    write_manifest,
)
from search.index.sqlite.readable import UNREADABLE
from search.index.sqlite.token_store import TokenStore
from search.index.sqlite.vectors.current import CurrentVectors
from search.index.sqlite.vectors.publishing import with_new_base
from search.manifest import Manifest
from search.port_values import StoredPassage, TokenBits, Vectors
from search.types import Article


@dataclass(frozen=True, slots=True)
class Leaving:
    """The articles that leave, those that lose a part, pages whose titles nothing is to
    tell any more, and sources."""

    articles: Collection[str]
    changed: Collection[str]
    pages: Collection[str]
    sources: Collection[str]

    def is_empty(self) -> bool:
        """Tell if nothing leaves."""
        return not any((self.articles, self.changed, self.pages, self.sources))


def erase_from_index(path: Path, leaving: Leaving) -> bool:
    """Take articles out of an index if they are there, and write its file anew.

    The caller holds the lock. Returns False where a reader keeps the state before.
    Raises sqlite3.Error, OSError and IndexDamaged.
    """
    with closing(_open(path)) as db:
        stored = ArticleStore(db)
        held = [url for url in leaving.articles if stored.article(url) is not None]
        db.execute("BEGIN IMMEDIATE")
        with db:
            for url in held:
                stored.forget(url)
            _erase_from_coverage(db, leaving)
            stored.fulltext.merge()
            known = read_manifest(db)
            if held and known is not None:
                # A crash left them: readers need another vector file.
                known = replace(known, generation=known.generation + 1)
                vectors = CurrentVectors(path.parent)
                conclude(db, with_new_base(db, known, vectors))
            elif known is not None:
                checksums.store_checksums(db)
        return compact(db)


def erase_from_state_before(path: Path, leaving: Leaving, index: Path) -> None:
    """Take articles out of the state to roll back to, and write its file anew.

    Those that lose a part are in it as ``index`` has them, if it has.
    Raises as ``erase_from_index`` does.
    """
    with closing(_open(path)) as before:
        known = read_manifest(before)
        stored = ArticleStore(before)
        before.execute("BEGIN IMMEDIATE")
        with before:
            _erase_from_coverage(before, leaving)
            for url in (*leaving.articles, *leaving.changed):
                stored.forget(url)
            for url in leaving.changed:
                if known is not None and (now := _read(index, url, known)):
                    _put(now, before, known)
            stored.fulltext.merge()
            if known is not None:
                find_duplicates(before)
                count, passages = stored.counts()
                write_manifest(
                    before, replace(known, articles=count, passages=passages)
                )
                checksums.store_checksums(before)
    compact_unread(path)


def _erase_from_coverage(db: sqlite3.Connection, leaving: Leaving) -> None:
    """Let the coverage report name no title of what leaves."""
    report: list[Coverage] = []
    known: tuple[Coverage, ...] = ()
    with suppress(IndexDamaged):  # it is written again at the end of a run
        known = read_coverage(db)
    for one in known:
        gaps = (
            replace(gap, title="") if gap.url in leaving.pages else gap
            for gap in one.not_whole
        )
        if one.source not in leaving.sources:
            report.append(replace(one, not_whole=tuple(gaps)))
    write_coverage(db, report)


class _Stored(NamedTuple):
    """An article with all that was computed of it."""

    article: Article
    passages: list[StoredPassage]
    vectors: Vectors
    tokens: list[TokenBits | None]


def _read(index: Path, url: str, like: Manifest) -> _Stored | None:
    """Read an article of an index of the same model, None also where that is damaged."""
    # From the state before it is to go in any case.
    with suppress(*UNREADABLE), closing(open_to_copy(index)) as db:
        db.row_factory = sqlite3.Row
        stored, known = ArticleStore(db), read_manifest(db)
        article = stored.article(url)
        if article is None or known is None or not _are_alike(known, like):
            return None
        row = db.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()
        nothing = np.empty(0, np.int64), np.empty((0, like.dimension), np.float32)
        ids, vectors = stored.vectors_of([row[0]]).get(row[0], nothing)
        tokens = TokenStore(db, like.dimension).by_id(ids.tolist())
        return _Stored(
            article,
            stored.passages_of(row[0]),
            vectors,
            [tokens.get(number) for number in ids.tolist()],
        )
    return None


def _put(now: _Stored, db: sqlite3.Connection, known: Manifest) -> None:
    _, added = ArticleStore(db).put(
        now.article,
        [one.passage for one in now.passages],
        keys=[one.embedding_key for one in now.passages],
        vectors=now.vectors,
    )
    # What an older program stored has none.
    tokens = {n: bits for n, bits in zip(added, now.tokens, strict=True) if bits}
    TokenStore(db, known.dimension).put(tokens)


def _are_alike(one: Manifest, other: Manifest) -> bool:
    return (one.fingerprint, one.dimension) == (other.fingerprint, other.dimension)


def _open(path: Path) -> sqlite3.Connection:
    """Open a state of any version, in the newest form; raises IndexDamaged where rows
    are not as they were stored."""
    db = schema.open_database(path)
    try:
        schema.migrate(db)
        catch_up(db)
        # New checksums of what is derived would call it sound.
        if damage := first_damage(db, besides={"coverage"}):
            raise IndexDamaged(told(path, damage))
    except BaseException:
        db.close()
        raise
    return db
