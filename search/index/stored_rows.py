"""Articles and passages as rows give them back by the names of their columns.

Knows no database: a row is anything that is looked up by name.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from search.index.stored_blocks import blocks_of, day, dump, notes_of
from search.index.stored_records import all_texts
from search.port_values import StoredPassage
from search.types import Article, Passage

# Columns of articles that are always texts.
TEXTS = ("url", "title", "site", "author", "language", "evidence", "archived")


class Row(Protocol):
    """A row of a table."""

    def __getitem__(self, name: str, /) -> Any: ...


def article_of(row: Row) -> Article:
    """Read an article; raises ValueError and TypeError where the row is damaged."""
    # A damaged row is not of its columns' types; it must fail here, not where its
    # values are used.
    if not all_texts(*(row[name] for name in TEXTS)):
        raise TypeError("a text of an article is none")
    return Article(
        url=row["url"],
        title=row["title"],
        site=row["site"],
        author=row["author"],
        published=day(row["published"]),
        language=row["language"],
        evidence=row["evidence"],
        blocks=tuple(blocks_of(row["blocks"])),
        notes=tuple(notes_of(row["notes"])),
        nosnippet=bool(row["nosnippet"]),
        dead_since=day(row["dead_since"]),
        archived=row["archived"],
        tags=names_from(row["tags"]),
        collections=names_from(row["collections"]),
    )


def passage_of(row: Row) -> StoredPassage:
    """Read a passage; raises as ``article_of`` does."""
    heading = tuple(json.loads(row["heading"]))
    if not all_texts(row["text"], row["anchor"], row["fragment"], *heading):
        raise TypeError("a text of a passage is none")
    passage = Passage(
        row["text"], heading, row["anchor"], row["fragment"], bool(row["is_note"])
    )
    return StoredPassage(row["article"], passage, row["embedding_key"], row["position"])


def stored_names(names: tuple[str, ...]) -> str:
    """Write tags or collections as JSON."""
    return dump(names)


def names_from(stored: str) -> tuple[str, ...]:
    """Read tags or collections from their JSON; raises as ``article_of`` does."""
    names = json.loads(stored)
    if not isinstance(names, list) or not all_texts(*names):
        raise TypeError("a name of an article is none")
    return tuple(names)
