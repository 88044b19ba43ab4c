"""The SQLite room of the sentences' vectors: how near the nearest sentence of a passage is to a question.

A passage's own vector is the mean of what it speaks of. Where one sentence of it answers and the others
speak of something else, only the sentence is near (docs/decisions.md has what that is worth).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from search.ports import Embedder, Vectors
from search.sentences import sentence_spans

SentenceVectors = NDArray[np.float16]
"""Shape (sentences, dimension), unit length; half precision moves no cosine by 0.001."""


def embed_sentences(texts: Sequence[str], embedder: Embedder) -> list[SentenceVectors]:
    """The vectors of each text's sentences, as ``sentence_spans`` parts them, without any context."""
    sentences = [[text[start:end] for start, end in sentence_spans(text)] for text in texts]
    vectors = embedder.embed_passages(list(chain.from_iterable(sentences))).astype("<f2")
    ends = np.cumsum([len(row) for row in sentences])
    return [vectors[end - len(row) : end] for end, row in zip(ends, sentences, strict=True)]


class Sentences:
    """The vectors of all sentences, over one SQLite connection; transactions are the caller's.

    A passage that an older program stored has none until the index is rebuilt.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, vectors: Mapping[int, SentenceVectors]) -> None:
        """Store those of passages by id; they leave with their passage."""
        self._db.executemany(
            "INSERT INTO sentences (passage, vectors) VALUES (?, ?)",
            [(number, rows.astype("<f2").tobytes()) for number, rows in vectors.items()],
        )

    def by_key(self, keys: Iterable[str], dimension: int) -> dict[str, SentenceVectors]:
        """Those of passages whose text was embedded before, by its embedding key."""
        found: dict[str, SentenceVectors] = {}
        for key in set(keys):
            row = self._db.execute(
                "SELECT s.vectors FROM passages p JOIN sentences s ON s.passage = p.id"
                " WHERE p.embedding_key = ? LIMIT 1",
                (key,),
            ).fetchone()
            if row is not None:
                found[key] = np.frombuffer(row[0], "<f2").reshape(-1, dimension)
        return found

    def cosines(self, ids: Sequence[int], vector: Vectors) -> dict[int, Vectors]:
        """The cosine of each sentence of these passages to a vector, shape (sentences,)."""
        rows = self._db.execute(
            f"SELECT passage, vectors FROM sentences WHERE passage IN ({', '.join('?' * len(ids))})"  # noqa: S608  # only question marks
            " AND vectors != x''",
            [int(number) for number in ids],
        ).fetchall()
        if not rows:
            return {}
        matrices = [np.frombuffer(row[1], "<f2").reshape(-1, len(vector)) for row in rows]
        cosines = np.concatenate(matrices).astype(np.float32) @ vector
        return dict(
            zip(
                (int(row[0]) for row in rows),
                np.split(cosines, np.cumsum([len(matrix) for matrix in matrices])[:-1]),
                strict=True,
            )
        )
