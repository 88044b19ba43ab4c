"""The SQLite room of the tokens' vectors: how well each word of a question is met
somewhere in a passage.

Late interaction (Khattab & Zaharia, ColBERT, SIGIR 2020): a passage's own vector is the
mean of all that it speaks of, while here every token of a question is held against the
nearest token of the passage, each as it is meant in its place. Only the signs of a
stored vector's coordinates are kept, a bit each (as Yamada, Asai & Hajishirzi do for
whole passages, ACL 2021); what that and leaving out stop words costs is in
docs/decisions.md.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.ports import Encoding, Vectors
from search.text.languages import STOP_WORDS
from search.text.sentences import sentence_spans

_WORD = re.compile(r"\w+")


class TokenBits(NamedTuple):
    """``bits``, shape (tokens, ceil(dimension / 8)), are the signs as numpy.packbits
    packs them, in reading order; ``counts`` says how many tokens are of the line of
    context, then of each sentence."""

    bits: NDArray[np.uint8]
    counts: NDArray[np.uint16]


class Met(NamedTuple):
    """How well a question's tokens are met in a ``passage``, and in each of its
    ``sentences``, shape (n,)."""

    passage: float
    sentences: Vectors


def token_bits(encoding: Encoding, embedded: str, text: str) -> TokenBits:
    """What is kept of a passage: ``text`` is its own, with which the ``embedded`` text
    ends."""
    stops = [
        found.span()
        for found in _WORD.finditer(embedded)
        if found[0].casefold() in STOP_WORDS
    ]
    places = encoding.spans[:, 0] if len(encoding.spans) else np.empty(0, np.int32)
    kept = np.array([not _within(stops, int(place)) for place in places], bool)
    starts = [start + len(embedded) - len(text) for start, _ in sentence_spans(text)]
    parts = np.searchsorted(starts, places[kept], side="right")
    counts = np.bincount(parts, minlength=len(starts) + 1).astype(np.uint16)
    return TokenBits(np.packbits(encoding.tokens[kept] > 0, axis=1), counts)


def _within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    at = bisect_right(spans, (place, 1 << 62)) - 1
    return at >= 0 and spans[at][0] <= place < spans[at][1]


class Tokens:
    """The token vectors of all passages, over one SQLite connection; transactions are
    the caller's.

    A passage that an older program stored has none until the index is rebuilt.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, tokens: Mapping[int, TokenBits]) -> None:
        """Store those of passages by id; they leave with their passage."""
        self._db.executemany(
            "INSERT INTO tokens (passage, counts, bits) VALUES (?, ?, ?)",
            [
                (n, found.counts.astype("<u2").tobytes(), found.bits.tobytes())
                for n, found in tokens.items()
            ],
        )

    def sample(self, count: int, dimension: int) -> list[TokenBits]:
        """Those of about so many passages, evenly spread over the index; without those
        that have none."""
        held = self._db.execute("SELECT count(*) FROM tokens").fetchone()[0]
        rows = self._db.execute(
            "SELECT counts, bits FROM tokens WHERE passage % ? = 0 AND bits != x''",
            (max(1, held // count),),
        )
        return [_unpacked(counts, bits, dimension) for counts, bits in rows]

    def by_key(self, keys: Iterable[str], dimension: int) -> dict[str, TokenBits]:
        """Those of passages whose text was embedded before, by its embedding key."""
        found: dict[str, TokenBits] = {}
        for key in set(keys):
            row = self._db.execute(
                "SELECT t.counts, t.bits FROM passages p JOIN tokens t ON t.passage = p.id"
                " WHERE p.embedding_key = ? LIMIT 1",
                (key,),
            ).fetchone()
            if row is not None:
                found[key] = _unpacked(row[0], row[1], dimension)
        return found

    def meet(
        self, ids: Sequence[int], question: Vectors, weights: Vectors
    ) -> dict[int, Met]:
        """How well a question's tokens are met in these passages; those without token
        vectors are left out.

        ``question``, shape (n, dimension), has unit length, ``weights``, shape (n,),
        says what each token counts. A token is met by as much as the greatest cosine to
        the signs of a token there: about 0 where nothing has to do with it, about 0.8
        for the same word in the same sense.
        """
        if not self._db.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = 'tokens'"
        ).fetchone():
            return {}  # an index of an older program, which nobody has opened to write since
        rows = self._db.execute(
            f"SELECT passage, counts, bits FROM tokens WHERE passage IN ({', '.join('?' * len(ids))})"  # noqa: S608  # only question marks
            " AND bits != x''",
            [int(number) for number in ids],
        ).fetchall()
        if not rows or not weights.sum() > 0:
            return {}
        stored = [_unpacked(row[1], row[2], question.shape[1]) for row in rows]
        shares = (weights / weights.sum()).astype(np.float32)
        nearest = _nearest(stored, question)
        return {
            int(row[0]): Met(float(best.max(axis=0).dot(shares)), best.dot(shares)[1:])
            for row, best in zip(rows, nearest, strict=True)
        }


def mean_met(
    stored: Sequence[TokenBits], questions: Sequence[Vectors]
) -> NDArray[np.float32]:
    """How well each question's tokens are met on average in each passage, shape
    (passages, questions): all tokens count the same. ``questions`` have the shape
    (tokens, dimension) each, with one token at least."""
    begins = np.cumsum([0, *map(len, questions[:-1])])
    best = np.stack(
        [found.max(axis=0) for found in _nearest(stored, np.concatenate(questions))]
    )
    return (np.add.reduceat(best, begins, axis=1) / [*map(len, questions)]).astype(
        np.float32
    )


def _nearest(stored: Sequence[TokenBits], question: Vectors) -> list[Vectors]:
    """Of each passage the greatest cosine to each token of the question in its context
    and in each sentence, shape (1 + sentences, asked); -1 where these have no token.

    A coordinate is +1 or -1 over the root of the dimension: a cosine is twice the sum
    over the bits that are set, less the sum over all.
    """
    dimension = question.shape[1]
    bits = np.concatenate([passage.bits for passage in stored])
    ones = np.unpackbits(bits, axis=1, count=dimension).astype(np.float32)
    # dot and not @, which tells of invalid values that were in no number, but in what
    # lay beside one
    cosines = (2 * ones.dot(question.T) - question.sum(axis=1)) / np.float32(
        dimension**0.5
    )
    counts = np.concatenate([passage.counts for passage in stored]).astype(np.int64)
    filled = np.flatnonzero(counts)
    best = np.full((len(counts), len(question)), -1.0, np.float32)
    best[filled] = np.maximum.reduceat(
        cosines, (np.cumsum(counts) - counts)[filled], axis=0
    )
    ends = np.cumsum([len(passage.counts) for passage in stored])
    return np.split(best, ends[:-1])


def _unpacked(counts: bytes, bits: bytes, dimension: int) -> TokenBits:
    return TokenBits(
        np.frombuffer(bits, np.uint8).reshape(-1, -(-dimension // 8)),
        np.frombuffer(counts, "<u2"),
    )
