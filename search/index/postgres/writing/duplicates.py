"""Near-duplicates in PostgreSQL: the articles that are one text, and the one that
represents it, as in search/index/sqlite/duplicate_store.py.

Comparing two texts is the work of search/text/near_duplicates.py. Whoever writes here
has locked the row of ``state``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from search.index.postgres.connection import Connection
from search.index.stored_blocks import blocks_of
from search.text.near_duplicates import (
    ComparedText,
    are_same,
    bands,
    compared_text,
    representatives,
)

# Candidates that a text is compared with, those with most bands in common first: a
# bound for boilerplate.
COMPARED = 20


def alike(connection: Connection, articles: Collection[int]) -> set[int]:
    """Return these articles with all that are joined to them by pairs."""
    rows = connection.execute(
        "WITH RECURSIVE alike (id) AS (SELECT unnest(%s::bigint[]) UNION"
        " SELECT pair.id FROM alike a CROSS JOIN LATERAL"
        " (SELECT other AS id FROM copies WHERE article = a.id"
        " UNION ALL SELECT article FROM copies WHERE other = a.id) pair)"
        " SELECT id FROM alike",
        (list(articles),),
    )
    return {row[0] for row in rows}


def drop(connection: Connection, article: int) -> None:
    """Let go of a text and of all pairs that it is in."""
    connection.execute("DELETE FROM texts WHERE article = %s", (article,))
    connection.execute("DELETE FROM bands WHERE article = %s", (article,))
    connection.execute(
        "DELETE FROM copies WHERE article = %(of)s OR other = %(of)s", {"of": article}
    )


def compare(
    connection: Connection, article: int, text: ComparedText, found: Sequence[int]
) -> None:
    """Compare a text that is new with the others; ``found`` are its bands."""
    candidates = connection.execute(
        "SELECT article FROM bands WHERE band = ANY(%s)"
        " GROUP BY article ORDER BY count(*) DESC, article LIMIT %s",
        (list(found), COMPARED),
    ).fetchall()
    same = [
        other
        for other, theirs in _texts(connection, [row[0] for row in candidates])
        if are_same(text, theirs)
    ]
    connection.execute("INSERT INTO texts (article) VALUES (%s)", (article,))
    connection.execute(
        "INSERT INTO bands SELECT unnest(%s::bigint[]), %s", (list(found), article)
    )
    connection.execute(
        "INSERT INTO copies SELECT %s, unnest(%s::bigint[])", (article, same)
    )


def choose_representatives(connection: Connection, among: Collection[int]) -> None:
    """Let the article that was published first represent a text; of those of one day,
    or without one, that with the shortest address. All that are alike one of these
    articles are among them."""
    these = list(among)
    pairs = connection.execute(
        "SELECT article, other FROM copies WHERE article = ANY(%s)", (these,)
    ).fetchall()
    paired = list({one for pair in pairs for one in pair})
    order = connection.execute(
        "SELECT id FROM articles WHERE id = ANY(%s)"
        " ORDER BY published IS NULL, published, length(url), url",
        (paired,),
    ).fetchall()
    now = representatives(
        (row[0] for row in order), ((one, other) for one, other in pairs)
    )
    before: dict[int, int | None] = dict(
        connection.execute(
            "SELECT article, same_as FROM texts WHERE article = ANY(%s)", (these,)
        ).fetchall()
    )
    # Most stay as they are, and a row that is written is one to be vacuumed.
    changed = [
        number for number, same_as in before.items() if now.get(number) != same_as
    ]
    if changed:
        connection.execute(
            "UPDATE texts t SET same_as = f.same_as"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS f (article, same_as)"
            " WHERE t.article = f.article",
            (changed, [now.get(number) for number in changed]),
        )


def signature(title: str, blocks: str) -> tuple[ComparedText, list[int]]:
    """Return an article as it is compared, and its bands; ``blocks`` as stored."""
    text = compared_text(title, blocks_of(blocks))
    return text, bands(text)


def _texts(
    connection: Connection, articles: Sequence[object]
) -> list[tuple[int, ComparedText]]:
    if not articles:
        return []
    rows = connection.execute(
        "SELECT id, title, blocks FROM articles WHERE id = ANY(%s)", (list(articles),)
    )
    return [
        (number, compared_text(title, blocks_of(blocks)))
        for number, title, blocks in rows
    ]
