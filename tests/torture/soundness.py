"""Whether an index is what it should be: every row, vector, sentence and word of it, as
one generation."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from indexer.ledger.ledger import DATABASE as LEDGER
from search.engine import Engine
from search.errors import IndexMissing
from search.index.open import open_index
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.reader import SqliteSnapshot
from search.index.sqlite.vectors.base_file import is_whole
from search.index.sqlite.writer import DATABASE
from search.text.embedding_text import embedding_text
from search.types import Passage
from tests.fakes import HashEmbedder

MODELS = {"hash": HashEmbedder("hash"), "other": HashEmbedder("other", dimension=32)}


def found_vectors(index: SqliteSnapshot) -> np.ndarray:
    """The ids that can be found by vectors, ascending; they are the codes of the rows'
    vectors."""
    view = index.vectors
    all_ids = []
    for part in (view.base, view.tail):
        ids, kept = part.ids, ~np.isin(part.ids, view.gone)
        found, vectors = index.stored.vectors(ids[kept].tolist())
        assert np.array_equal(found, ids[kept])
        expected, _ = part.quantizer.encode(vectors.reshape(-1, view.dimension))
        assert np.array_equal(part.codes[kept], expected)
        all_ids.append(ids[kept])
    return np.concatenate(all_ids)


def state(directory: Path) -> dict[str, object]:
    """What the index holds, as far as a person would see it; empty where there is
    nothing yet."""
    try:
        with SqliteIndex(directory).snapshot() as index:
            urls = index.urls()
            held = {url: index.article(url) for url in urls}
            return {"model": index.manifest.model} | {
                url: (
                    article.title,
                    article.text,
                    [e.passage for e in index.passages_of(index.find(url))],
                )
                for url, article in held.items()
                if article
            }
    except IndexMissing:
        return {}


def is_kept(directory: Path) -> bool:
    """Whether the vector file of the newest generation is there, and is what was
    written."""
    with SqliteIndex(directory).snapshot() as index:
        return is_whole(
            directory / index.manifest.vectors, index.manifest.vectors_sha256
        )


def assert_sound(directory: Path) -> None:
    """Rows and vectors belong together, and all that is derived of them is in step; it
    answers."""
    for name in (DATABASE, LEDGER):
        if (directory / name).is_file():
            with closing(sqlite3.connect(directory / name)) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], (
                    name
                )
                assert db.execute("PRAGMA foreign_key_check").fetchall() == [], name
    try:
        with SqliteIndex(directory).snapshot() as index:
            known, model = index.manifest, MODELS[index.manifest.model]
            assert (known.dimension, known.fingerprint) == (
                model.dimension,
                model.fingerprint,
            )
            assert index.stored.counts() == (known.articles, known.passages)
            ids, rows = index.stored.all_vectors(known.dimension)
            assert np.array_equal(found_vectors(index), ids)
            assert_told_by_texts(directory, model, ids.tolist(), rows)
    except IndexMissing:
        return
    assert is_kept(directory)
    if known.articles:
        answer = Engine(open_index(directory), embedder=model).search(
            "bread in a cold room"
        )
        assert answer.total + answer.weaker == known.articles


def assert_told_by_texts(
    directory: Path, model: HashEmbedder, ids: list[int], rows: np.ndarray
) -> None:
    """Vectors, tokens and full text are those of the passages' texts."""
    with closing(sqlite3.connect(directory / DATABASE)) as db:
        texts = db.execute(
            "SELECT p.text, p.heading, p.is_note, a.title, t.counts, p.id FROM passages p"
            " JOIN articles a ON a.id = p.article LEFT JOIN tokens t ON t.passage = p.id ORDER BY p.id"
        ).fetchall()
        assert [row[5] for row in texts] == ids
        made = [
            embedding_text(
                Passage(text, tuple(json.loads(heading)), is_note=bool(note)), title
            )
            for text, heading, note, title, _, _ in texts
        ]
        assert np.allclose(model.embed_passages(made), rows, atol=0.005)
        assert all(row[4] is not None for row in texts)
        words = [
            row[0]
            for row in db.execute("SELECT id FROM passages_fts_docsize ORDER BY id")
        ]
        assert words == ids
        db.execute("INSERT INTO passages_fts (passages_fts) VALUES ('integrity-check')")
        db.rollback()
        strays = db.execute(
            "SELECT count(*) FROM tokens WHERE passage NOT IN (SELECT id FROM passages)"
        )
        assert strays.fetchone() == (0,)
