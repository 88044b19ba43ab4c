"""Articles, passages, vectors and token bits as rows of the tables in schema.py, and
back.

No database is asked. What is damaged raises ValueError or TypeError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from search.index.site_names import squashed
from search.index.stored_blocks import (
    blocks_of,
    day,
    dump,
    notes_of,
    stored_blocks,
    stored_notes,
)
from search.index.stored_records import all_texts
from search.index.stored_vectors import levels_of
from search.port_values import StoredPassage, TokenBits, Vectors
from search.text.folding import fold
from search.text.tags import folded
from search.types import Article, Passage

# What ``article_of`` reads, FROM articles a JOIN bylines b ON b.id = a.byline.
ARTICLE = (
    "a.url, a.title, b.site, b.author, a.published, a.language, a.evidence, a.blocks, a.notes,"
    " a.nosnippet, a.dead_since, a.archived, a.tags, a.collections"
)
WITHOUT_BLOCKS = ARTICLE.replace("a.blocks", "'[]'")
# What ``stored_passage_of`` reads, FROM passages p.
PASSAGE = (
    "p.article, p.position, p.text, p.heading, p.anchor, p.fragment, p.is_note,"
    " encode(p.embedding_key, 'hex')"
)
# What ``vectors_of_rows`` reads: the driver would make a Python object of each number.
VECTOR = "halfvec_send(p.vector), p.step"

VECTOR_HEAD = 4  # bytes before the coordinates, in the binary form of a halfvec
# PostgreSQL takes no NUL, and UTF-8 has no half of a surrogate pair.
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


LONGEST_HOST = (
    255  # characters; what is longer is no host, and a B-tree takes 2,700 bytes
)


class Byline(NamedTuple):
    """A row of bylines, but for its id."""

    host: str
    site: str
    author: str
    site_folded: str
    author_folded: str
    squashed: str


def clean(text: str) -> str:
    """Return a text without what no database can store."""
    return _IMPOSSIBLE.sub(_REPLACEMENT, text)


def host_of(article: Article) -> str:
    """Return the host by which an article's rows lie together."""
    return clean(article.host)[:LONGEST_HOST]


def byline_of(article: Article) -> Byline:
    """Return the names by which people know where an article is from."""
    host, site, author = host_of(article), clean(article.site), clean(article.author)
    names = squashed(site, host, author)
    return Byline(host, site, author, fold(site), fold(author), names)


def article_values(article: Article) -> tuple[object, ...]:
    """Return the columns of an article from ``title`` to ``archived``."""
    return (
        clean(article.title),
        article.published.isoformat() if article.published else None,
        article.dated,
        clean(article.language),
        article.evidence,
        clean(stored_blocks(article.blocks)),
        clean(stored_notes(article.notes)),
        article.nosnippet,
        article.dead_since.isoformat() if article.dead_since else None,
        clean(article.archived),
    )


def names_values(
    tags: tuple[str, ...], collections: tuple[str, ...]
) -> tuple[list[str], ...]:
    """Return the columns from ``tags`` to ``collections_folded``."""
    names = list(map(clean, tags)), list(map(clean, collections))
    return (*names, *(sorted(folded(tuple(one))) for one in names))


def article_of(row: Sequence[Any]) -> Article:
    """Read an article from the columns ARTICLE."""
    url, title, site, author, published, language, evidence, blocks, notes, *rest = row
    nosnippet, dead_since, archived, tags, collections = rest
    texts = (url, title, site, author, language, evidence, archived)
    if not all_texts(*texts, *tags, *collections):
        raise TypeError("a text of an article is none")
    return Article(
        url=url,
        title=title,
        site=site,
        author=author,
        published=day(published),
        language=language,
        evidence=evidence,
        blocks=tuple(blocks_of(blocks)),
        notes=tuple(notes_of(notes)),
        nosnippet=bool(nosnippet),
        dead_since=day(dead_since),
        archived=archived,
        tags=tuple(tags),
        collections=tuple(collections),
    )


def passage_values(passage: Passage) -> tuple[object, ...]:
    """Return the columns of a passage from ``text`` to ``is_note``."""
    return (
        clean(passage.text),
        clean(dump(passage.heading)),
        clean(passage.anchor),
        clean(passage.fragment),
        passage.is_note,
    )


def stored_passage_of(row: Sequence[Any]) -> StoredPassage:
    """Read a passage from the columns PASSAGE."""
    article, position, text, path, anchor, fragment, is_note, key = row
    heading = tuple(json.loads(path))
    if not all_texts(text, anchor, fragment, *heading):
        raise TypeError("a text of a passage is none")
    passage = Passage(text, heading, anchor, fragment, bool(is_note))
    return StoredPassage(article, passage, key, position)


def vector_values(vectors: Vectors) -> list[tuple[HalfVector, float]]:
    """Return the columns ``vector`` and ``step`` of each vector, shape (n, dimension).

    They are what the embedded home stores: whole steps, which halves are exact enough
    to tell apart.
    """
    levels, steps = levels_of(vectors)
    halves = (levels * steps[:, np.newaxis]).astype(np.float16)
    return list(zip(map(HalfVector, halves), steps.tolist(), strict=True))


def vectors_of_rows(
    rows: Sequence[tuple[bytes, float]], dimension: int | None = None
) -> Vectors:
    """Read vectors from the columns VECTOR: float32, shape (len(rows), dimension).

    ``dimension`` is that of no rows.
    """
    if not rows:
        return np.empty((0, dimension or 0), np.float32)
    stored = np.frombuffer(b"".join(row[0] for row in rows), np.uint8)
    # Big-endian, behind the dimension.
    halves = stored.reshape(len(rows), -1)[:, VECTOR_HEAD:].copy().view(">f2")
    steps = np.array([row[1] for row in rows], np.float32)[:, np.newaxis]
    vectors: Vectors = np.rint(halves.astype(np.float32) / steps) * steps
    return vectors


def token_values(found: TokenBits) -> tuple[bytes, bytes]:
    """Return the columns ``counts`` and ``bits``."""
    return found.counts.astype("<u2").tobytes(), found.bits.tobytes()


def token_bits_of(counts: bytes, bits: bytes, dimension: int) -> TokenBits:
    """Read the tokens of a passage from the columns ``counts`` and ``bits``."""
    row_bytes = -(-dimension // 8)  # packbits pads the last byte
    signs: NDArray[np.uint8] = np.frombuffer(bits, np.uint8).reshape(-1, row_bytes)
    return TokenBits(signs, np.frombuffer(counts, "<u2"))
