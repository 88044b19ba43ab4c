"""Many articles at once, into an index that nobody reads yet; and what counts or
compares them all, when they are there.

Transactions are the caller's. Putting articles again is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from search.index.postgres.connection import Connection
from search.index.postgres.rows import (
    article_values,
    clean,
    host_of,
    names_values,
    passage_values,
    token_values,
)
from search.index.postgres.state import Counts
from search.index.postgres.writing import articles, duplicates
from search.index.postgres.writing.prepared import PreparedArticle
from search.index.postgres.writing.statistics import article_words, spelling_rows
from search.index.stored_blocks import blocks_of
from search.text.near_duplicates import ComparedText, are_same, compared_text

ROWS_AT_ONCE = 5000
CACHED = 2000  # texts that are kept in memory while candidates are compared

_PASSAGES = (
    "int8", "int4", "int8", "int4", "text", "text", "text", "text", "bool", "bytea", "halfvec", "float4",
)  # fmt: skip
_TOKENS = ("int8", "int4", "bytea", "bytea")


class Place(NamedTuple):
    """The id of an article and its indexer's; the id is 0 for a new one."""

    id: int
    indexer: int


class _Numbered(NamedTuple):
    id: int
    site: int
    new: PreparedArticle


def put_many(
    connection: Connection,
    new: Sequence[PreparedArticle],
    *,
    indexer: int,
    kept: Mapping[str, Place] | None = None,
) -> None:
    """Write articles, each in place of the one at its address; ``kept`` has the places
    of those that have one already."""
    # Some may be there: the answer to a COMMIT was lost, or a copy goes on.
    drop(connection, [one.article.url for one in new])
    places = kept or {}
    given = iter(_given(connection, "article_ids", len(new)))
    numbered: list[_Numbered] = []
    rows: list[tuple[object, ...]] = []
    for one in new:
        place = places.get(one.article.url, Place(0, indexer))
        site = articles.note_site(connection, host_of(one.article))
        byline = articles.note_byline(connection, one.article)
        number = place.id or next(given)
        numbered.append(_Numbered(number, site, one))
        rows.append(
            (number, site, place.indexer, clean(one.article.url), byline,
             *article_values(one.article), len(one.passages),
             *names_values(one.article.tags, one.article.collections))
        )  # fmt: skip
    _copy(connection, "articles", rows)
    _put_passages(connection, numbered)
    _put_signatures(connection, numbered)


def drop_others(connection: Connection, urls: Iterable[str]) -> None:
    """Remove the articles that are at none of these addresses."""
    known = set(map(clean, urls))
    stored = articles.urls(connection)
    drop(connection, [url for url in stored if url not in known])


def count_all(connection: Connection) -> None:
    """Count the tokens of all passages, and the words and languages of all articles."""
    _read_whole(connection)
    for table in ("terms", "vocabulary", "languages"):
        connection.execute(f"DELETE FROM {table}")  # fixed names
    # In memory, and without a row a token and passage as GROUP BY would make.
    connection.execute(
        "INSERT INTO terms SELECT word, ndoc FROM ts_stat('SELECT words FROM passage_words')"
    )
    connection.execute(
        "INSERT INTO languages SELECT language, count(*) FROM articles GROUP BY language"
    )
    _copy(connection, "vocabulary", spelling_rows(spelt(connection)))


def pair_all(connection: Connection) -> None:
    """Compare all texts that may be alike, and choose their representatives."""
    _read_whole(connection)
    # Of an earlier try.
    connection.execute("DELETE FROM copies")
    # As if each came after those before it, one by one.
    candidates = connection.execute(
        "SELECT article, other FROM (SELECT b.article, o.article AS other, row_number() OVER"
        " (PARTITION BY b.article ORDER BY count(*) DESC, o.article) AS place"
        " FROM bands b JOIN bands o ON o.band = b.band AND o.article < b.article"
        " GROUP BY b.article, o.article) c WHERE place <= %s ORDER BY article, other",
        (duplicates.COMPARED,),
    ).fetchall()
    # Those that are alike lie near each other in this order, mostly.
    text = lru_cache(CACHED)(lambda number: _text(connection, number))
    pairs = [pair for pair in candidates if are_same(text(pair[0]), text(pair[1]))]
    _copy(connection, "copies", pairs)
    duplicates.choose_representatives(
        connection, {number for pair in pairs for number in pair}
    )


def total(connection: Connection) -> Counts:
    """Count the articles, the passages and the words of passages."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages),"
        " (SELECT coalesce(sum(length), 0)::bigint FROM passage_words)"
    ).fetchone()
    number, passages, words = row or (0, 0, 0)
    return Counts(number, passages, words, exchanged=0)


def _read_whole(connection: Connection) -> None:
    # A writer's connection is set to look rows up one by one.
    connection.execute("SET LOCAL enable_seqscan = on")


def drop(connection: Connection, urls: Sequence[str]) -> None:
    """Remove the articles at these addresses."""
    rows = connection.execute(
        "SELECT id, site FROM articles WHERE url = ANY(%s)", (list(map(clean, urls)),)
    ).fetchall()
    for number, site in rows:
        articles.drop_passages(connection, number, site)
        articles.drop_article(connection, number, site)
        duplicates.drop(connection, number)


def _put_passages(connection: Connection, numbered: Sequence[_Numbered]) -> None:
    placed = [
        (one.id, one.site, position, passage)
        for one in numbered
        for position, passage in enumerate(one.new.passages)
    ]
    given = _given(connection, "passage_ids", len(placed))
    rows = list(zip(given, placed, strict=True))
    _copy(
        connection,
        "passages",
        [
            (number, site, article, position, *passage_values(one.passage),
             one.key, one.vector, one.step)
            for number, (article, site, position, one) in rows
        ],
        types=_PASSAGES,
    )  # fmt: skip
    _copy(
        connection,
        "passage_words",
        [
            (number, site, article, one.words.length, one.words.vector, one.words.frequencies)
            for number, (article, site, _, one) in rows
        ],
    )  # fmt: skip
    _copy(
        connection,
        "tokens",
        [
            (number, site, *token_values(one.bits))
            for number, (_, site, _, one) in rows
            if one.bits is not None
        ],
        types=_TOKENS,
    )


def _put_signatures(connection: Connection, numbered: Sequence[_Numbered]) -> None:
    bands: list[tuple[int, int]] = []
    for one in numbered:
        _, found = duplicates.signature(*one.new.compared)
        bands += [(band, one.id) for band in found]
    _copy(connection, "texts", [(one.id, None) for one in numbered])
    _copy(connection, "bands", bands)


def _copy(
    connection: Connection,
    table: str,
    rows: Iterable[Sequence[object]],
    *,
    types: Sequence[str] = (),
) -> None:
    """Send rows as a table has its columns; in binary form where it is given their
    types."""
    form = " (FORMAT BINARY)" if types else ""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN{form}".encode()) as copy,
    ):
        if types:
            copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _given(connection: Connection, sequence: str, count: int) -> list[int]:
    rows = connection.execute(
        "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", (sequence, count)
    )
    return [row[0] for row in rows]


def spelt(connection: Connection) -> Counter[tuple[str, str]]:
    """Count the articles that contain each word, by language and word."""
    found: Counter[tuple[str, str]] = Counter()
    # On the server's side: the texts of all passages don't fit into memory.
    with connection.cursor("spelt") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(
            "SELECT a.id, a.language, a.title, p.text FROM articles a"
            " JOIN passages p ON p.article = a.id AND p.site = a.site ORDER BY a.id"
        )
        for (_, language, title), group in groupby(cursor, itemgetter(0, 1, 2)):
            words = article_words([title, *(row[3] for row in group)])
            found.update((language, word) for word in words)
    return found


def _text(connection: Connection, article: int) -> ComparedText:
    row = connection.execute(
        "SELECT title, blocks FROM articles WHERE id = %s", (article,)
    ).fetchone()
    title, blocks = row or ("", "[]")
    return compared_text(title, blocks_of(blocks))
