"""Articles with their passages as rows: written, removed, and read by who writes.

Transactions and what counts all articles are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search.index.postgres.connection import Connection
from search.index.postgres.rows import (
    ARTICLE,
    article_of,
    article_values,
    byline_of,
    clean,
    names_values,
    passage_values,
    token_bits_of,
    token_values,
    vectors_of_rows,
)
from search.index.postgres.writing.prepared import PreparedArticle
from search.port_values import Names, TokenBits, Vectors
from search.types import Article, Evidence


class Stored(NamedTuple):
    """The row of an article: its ids, what is compared with others, and how many
    passages of how many words it has."""

    id: int
    site: int
    byline: int
    title: str
    blocks: str
    passages: int
    words: int


def lock_host(connection: Connection, host: str) -> None:
    """Let no other transaction write to this host's articles, until this one ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (host,))


def site_of(connection: Connection, host: str) -> int:
    """Return the id of a host, 0 of one that is not known."""
    row = connection.execute("SELECT id FROM sites WHERE host = %s", (host,)).fetchone()
    return row[0] if row else 0


def note_site(connection: Connection, host: str) -> int:
    """Return the id of a host, which is noted where it is new."""
    # A sequence would spend an id on each attempt, were it not asked first.
    known = site_of(connection, host)
    if known:
        return known
    row = connection.execute(
        "INSERT INTO sites (host) VALUES (%s) RETURNING id", (host,)
    ).fetchone()
    return row[0] if row else 0


def note_byline(connection: Connection, article: Article) -> int:
    """Return the id of an article's byline, which is noted where it is new."""
    names = byline_of(article)
    row = connection.execute(
        "SELECT id FROM bylines WHERE host = %(host)s AND site = %(site)s AND author = %(author)s"
        " AND hashtextextended(site, 0) = hashtextextended(%(site)s, 0)"
        " AND hashtextextended(author, 0) = hashtextextended(%(author)s, 0)",
        names._asdict(),
    ).fetchone()
    if row is None:
        row = connection.execute(
            "INSERT INTO bylines (host, site, author, site_folded, author_folded, squashed)"
            " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
            names,
        ).fetchone()
    return row[0] if row else 0


def stored(connection: Connection, url: str, site: int) -> Stored | None:
    """Return the row of the article stored under this very address."""
    row = connection.execute(
        "SELECT id, site, byline, title, blocks, passages, (SELECT coalesce(sum(length), 0)"
        " FROM passage_words w WHERE w.article = a.id AND w.site = a.site)"
        " FROM articles a WHERE url = %s AND site = %s",
        (clean(url), site),
    ).fetchone()
    return Stored(*row) if row else None


def drop_passages(connection: Connection, article: int, site: int) -> None:
    """Remove an article's passages, their words and their tokens."""
    # With the site everywhere, which names the one partition that they are in.
    these = {"article": article, "site": site}
    connection.execute(
        "DELETE FROM tokens WHERE site = %(site)s AND passage IN"
        " (SELECT id FROM passages WHERE article = %(article)s AND site = %(site)s)",
        these,
    )
    for table in ("passage_words", "passages"):
        connection.execute(
            f"DELETE FROM {table} WHERE article = %(article)s AND site = %(site)s",  # fixed names
            these,
        )


def drop_article(connection: Connection, article: int, site: int) -> None:
    """Remove the row of an article."""
    connection.execute(
        "DELETE FROM articles WHERE id = %s AND site = %s", (article, site)
    )


def drop_byline(connection: Connection, byline: int) -> None:
    """Remove a byline that no article has any longer."""
    connection.execute(
        "DELETE FROM bylines WHERE id = %(of)s"
        " AND NOT EXISTS (SELECT 1 FROM articles WHERE byline = %(of)s)",
        {"of": byline},
    )


def drop_site(connection: Connection, site: int) -> None:
    """Remove a host that no article is of any longer."""
    connection.execute(
        "DELETE FROM sites WHERE id = %(of)s"
        " AND NOT EXISTS (SELECT 1 FROM bylines WHERE bylines.host = sites.host)",
        {"of": site},
    )


def put_article(
    connection: Connection,
    new: PreparedArticle,
    *,
    site: int,
    indexer: int,
    before: int,
) -> int:
    """Write the row of an article, in place of the one with the id ``before``, if any;
    return its id."""
    byline = note_byline(connection, new.article)
    # It is now this indexer's, whoever put it before.
    names = names_values(new.article.tags, new.article.collections)
    values = (indexer, byline, *article_values(new.article), len(new.passages), *names)
    if before:
        connection.execute(
            "UPDATE articles SET indexer = %s, byline = %s, title = %s, published = %s, dated = %s,"
            " language = %s, evidence = %s, blocks = %s, notes = %s, nosnippet = %s,"
            " dead_since = %s, archived = %s, passages = %s, tags = %s, collections = %s,"
            " tags_folded = %s, collections_folded = %s WHERE id = %s AND site = %s",
            (*values, before, site),
        )
        return before
    row = connection.execute(
        "INSERT INTO articles (id, site, url, indexer, byline, title, published, dated, language,"
        " evidence, blocks, notes, nosnippet, dead_since, archived, passages, tags, collections,"
        " tags_folded, collections_folded)"
        " VALUES (nextval('article_ids'), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " %s, %s, %s, %s)"
        " RETURNING id",
        (site, clean(new.article.url), *values),
    ).fetchone()
    return row[0] if row else 0


def label(connection: Connection, url: str, names: Names) -> bool:
    """Give an article other tags and collections; False where there is none."""
    row = connection.execute(
        "UPDATE articles SET tags = %s, collections = %s, tags_folded = %s,"
        " collections_folded = %s WHERE url = %s RETURNING id",
        (*names_values(*names), clean(url)),
    ).fetchone()
    return row is not None


def put_passages(
    connection: Connection, new: PreparedArticle, *, article: int, site: int
) -> None:
    """Write an article's passages, their words and their tokens, in their order."""
    given = connection.execute(
        "SELECT nextval('passage_ids') FROM generate_series(1, %s)",
        (len(new.passages),),
    )
    numbered = list(zip([row[0] for row in given], new.passages, strict=True))
    # All of it in one round trip.
    with connection.pipeline(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO passages VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (number, site, article, position, *passage_values(one.passage),
                 one.key, one.vector, one.step)
                for position, (number, one) in enumerate(numbered)
            ],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO passage_words VALUES (%s, %s, %s, %s, %s::tsvector, %s)",
            [
                (number, site, article, words.length, words.vector, words.frequencies)
                for number, words in ((number, one.words) for number, one in numbered)
            ],
        )
        cursor.executemany(
            "INSERT INTO tokens VALUES (%s, %s, %s, %s)",
            [
                (number, site, *token_values(one.bits))
                for number, one in numbered
                if one.bits is not None
            ],
        )


# What a writer asks


def article(connection: Connection, url: str) -> Article | None:
    """Return the article stored under this very address, with its blocks."""
    row = connection.execute(
        f"SELECT {ARTICLE} FROM articles a JOIN bylines b ON b.id = a.byline WHERE a.url = %s",  # fixed text
        (clean(url),),
    ).fetchone()
    return article_of(row) if row else None


def with_keys(
    connection: Connection, urls: Sequence[str]
) -> list[tuple[Article, list[str]]]:
    """Return those of these articles that are stored, each with the embedding keys of
    its passages."""
    rows = connection.execute(
        f"SELECT {ARTICLE}, ARRAY(SELECT encode(p.embedding_key, 'hex') FROM passages p"  # fixed text
        " WHERE p.article = a.id AND p.site = a.site ORDER BY p.position)"
        " FROM articles a JOIN bylines b ON b.id = a.byline WHERE a.url = ANY(%s)",
        (list(map(clean, urls)),),
    )
    return [(article_of(row[:-1]), row[-1]) for row in rows]


def evidence_of(connection: Connection, url: str) -> Evidence | None:
    """Return the evidence of the article stored under this very address."""
    row = connection.execute(
        "SELECT evidence FROM articles WHERE url = %s", (clean(url),)
    ).fetchone()
    return row[0] if row else None


def urls(connection: Connection, indexer: int | None = None) -> list[str]:
    """Return the addresses of an indexer's articles, or of all, oldest entry first."""
    rows = connection.execute(
        "SELECT url FROM articles WHERE %(of)s::integer IS NULL OR indexer = %(of)s ORDER BY id",
        {"of": indexer},
    )
    return [row[0] for row in rows]


def embedded_before(
    connection: Connection, keys: Iterable[str], dimension: int
) -> dict[str, tuple[Vectors, TokenBits]]:
    """Return vector and tokens of those texts that were embedded before, by their
    embedding keys."""
    # One look-up a key: the planner knows nothing of keys, and would read the table.
    rows = connection.execute(
        "SELECT encode(k.key, 'hex'), f.* FROM unnest(%s::bytea[]) AS k (key) CROSS JOIN LATERAL"
        " (SELECT halfvec_send(p.vector), p.step, t.counts, t.bits FROM passages p"
        " JOIN tokens t ON t.passage = p.id AND t.site = p.site"
        " WHERE p.embedding_key = k.key LIMIT 1) f",
        (list(map(bytes.fromhex, keys)),),
        binary=True,
    ).fetchall()
    vectors = vectors_of_rows([(row[1], row[2]) for row in rows])
    return {
        row[0]: (vector, token_bits_of(row[3], row[4], dimension))
        for row, vector in zip(rows, vectors, strict=True)
    }
