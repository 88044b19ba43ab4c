"""The state of an index in PostgreSQL: its manifest, its counts, and who writes to it.

Articles and words are not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from search.coverage_report import Coverage
from search.errors import IndexDamaged
from search.index.generations import now
from search.index.postgres.connection import Connection
from search.index.stored_manifest import (
    coverage_of,
    coverage_values,
    manifest_of,
    stored_manifest,
)
from search.index.stored_standing import KEY, standing_of, stored_standing
from search.manifest import Manifest
from search.standing import Standing


class Counts(NamedTuple):
    """By how many there are more articles, passages and words of passages, and how many
    passages came or went."""

    articles: int
    passages: int
    words: int
    exchanged: int


# Of state, those of which a manifest is made.
COLUMNS = "manifest, generation, articles, passages, uncalibrated, updated"


def read_manifest(connection: Connection) -> Manifest | None:
    """Return the manifest as of the connection's transaction, None in an empty
    index."""
    row = connection.execute(f"SELECT {COLUMNS} FROM state").fetchone()
    return manifest_from(row) if row else None


def manifest_from(row: Sequence[Any]) -> Manifest:
    """Read a manifest from COLUMNS, whose generation is 0 before the first commit;
    raises IndexDamaged."""
    try:
        known = manifest_of(row[0])
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(
            f"The index's manifest can't be read ({error}); see: blog-indexer doctor"
        ) from error
    # What changes with each article has columns of its own, so that no JSON is written.
    return replace(
        known,
        generation=int(row[1]),
        articles=int(row[2]),
        passages=int(row[3]),
        uncalibrated=int(row[4]),
        updated=str(row[5]),
    )


def lock(connection: Connection) -> None:
    """Let no other transaction change what concerns all articles, until this one
    ends."""
    connection.execute("SELECT 1 FROM state FOR UPDATE")


def count(connection: Connection, change: Counts) -> None:
    """Begin the next generation, with these counts."""
    connection.execute(
        "UPDATE state SET generation = generation + 1, articles = articles + %s,"
        " passages = passages + %s, words = words + %s, uncalibrated = uncalibrated + %s,"
        " updated = %s",
        (*change, now()),
    )


def begin(connection: Connection) -> None:
    """Let an index without articles be seen."""
    connection.execute(
        "UPDATE state SET generation = 1, updated = %s WHERE generation = 0", (now(),)
    )


def publish(connection: Connection, known: Manifest, counts: Counts) -> None:
    """Put a manifest in place of the last one, with what there is now."""
    connection.execute(
        "UPDATE state SET manifest = %s, generation = %s, articles = %s, passages = %s,"
        " words = %s, uncalibrated = %s, updated = %s",
        (
            stored_manifest(known),
            known.generation,
            counts.articles,
            counts.passages,
            counts.words,
            known.uncalibrated,
            now(),
        ),
    )


def calibrate(connection: Connection, known: Manifest) -> None:
    """Store the model, splitter, background and calibration of a manifest."""
    connection.execute(
        "UPDATE state SET manifest = %s, uncalibrated = %s",
        (stored_manifest(known), known.uncalibrated),
    )


def indexer_of(connection: Connection, name: str) -> tuple[int, int]:
    """Return the id and the generation of an indexer, (0, 0) of one that wrote
    nothing."""
    row = connection.execute(
        "SELECT id, generation FROM indexers WHERE name = %s", (name,)
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def note_indexer(connection: Connection, name: str) -> int:
    """Return the id of an indexer, which is noted where it is new."""
    # A sequence would spend an id on each run, were it not asked first.
    connection.execute(
        "INSERT INTO indexers (name) SELECT %s WHERE NOT EXISTS"
        " (SELECT 1 FROM indexers WHERE name = %s) ON CONFLICT (name) DO NOTHING",
        (name, name),
    )
    return indexer_of(connection, name)[0]


def count_indexer(connection: Connection, indexer: int) -> int:
    """Begin the next generation of an indexer's own and return it."""
    row = connection.execute(
        "UPDATE indexers SET generation = generation + 1 WHERE id = %s RETURNING generation",
        (indexer,),
    ).fetchone()
    return int(row[0]) if row else 0


def read_coverage(
    connection: Connection, indexer: int | None = None
) -> tuple[Coverage, ...]:
    """Return the coverage report of one indexer, or of all; raises IndexDamaged."""
    rows = connection.execute(
        "SELECT report FROM coverage WHERE %(of)s::integer IS NULL OR indexer = %(of)s"
        " ORDER BY indexer, place",
        {"of": indexer},
    )
    return coverage_from(rows)


def coverage_from(rows: Iterable[Sequence[Any]]) -> tuple[Coverage, ...]:
    """Read the reports of sources from their rows; raises IndexDamaged."""
    try:
        return tuple(coverage_of(json.loads(row[0])) for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(
            f"What the index says of its sources can't be read ({error}); see:"
            " blog-indexer doctor"
        ) from error


def write_coverage(
    connection: Connection, indexer: int, report: Sequence[Coverage]
) -> None:
    """Put an indexer's coverage report in place of its last one."""
    rows = [
        (indexer, place, json.dumps(coverage_values(source)))
        for place, source in enumerate(report)
    ]
    # Together, so that a reader sees the whole report or the last one.
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM coverage WHERE indexer = %s", (indexer,))
        cursor.executemany("INSERT INTO coverage VALUES (%s, %s, %s)", rows)


def change_standing(
    connection: Connection, change: Callable[[Standing], Standing]
) -> Standing:
    """Replace the standing questions by what is made of them."""
    # A row that others wait for, also where there was none.
    connection.execute(
        "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (key) DO NOTHING",
        (KEY, stored_standing(Standing())),
    )
    row = connection.execute(
        "SELECT value FROM meta WHERE key = %s FOR UPDATE", (KEY,)
    ).fetchone()
    known = standing_of(row[0] if row else None)
    new = change(known)
    # Each run of each indexer looks here, and most change nothing.
    if new != known:
        connection.execute(
            "UPDATE meta SET value = %s WHERE key = %s", (stored_standing(new), KEY)
        )
    return new


def last_article(connection: Connection) -> int:
    """Return the greatest id of an article, when no smaller one is about to appear.

    It takes a transaction of its own.
    """
    # Ids are drawn by the INSERT, and seen at the COMMIT: one that is drawn by now is
    # waited for, which takes as long as writing an article. Not for long, as others wait
    # behind.
    connection.execute("SET LOCAL lock_timeout = '5s'")
    connection.execute("LOCK TABLE articles IN SHARE MODE")
    row = connection.execute("SELECT max(id) FROM articles").fetchone()
    return (row and row[0]) or 0
