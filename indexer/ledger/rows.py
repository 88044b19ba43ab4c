"""The ledger's records as the JSON of its rows, and the hash of an item.

Reads and writes no database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from indexer.records import FileRecord, Item, PageRecord, RobotsCopy, SourceRecord
from search.errors import IndexDamaged

# The fields of an item that its hash covers, in the order in which ledgers of any age
# have them. A field that is added to Item and not named here changes no stored hash,
# so that nothing is fetched again for it.
HASHED = (
    "url",
    "title",
    "author",
    "published",
    "updated",
    "content",
    "site",
    "language",
    "notes",
)
# These came later and are left out where they are empty: stored hashes stay valid.
HASHED_WHERE_SAID = ("file", "version", "software", "archived", "remark")


def to_row(record: SourceRecord | Item | PageRecord | RobotsCopy | FileRecord) -> str:
    """Write a record as JSON."""
    return json.dumps(asdict(record), ensure_ascii=False)


def source_of(row: str) -> SourceRecord:
    """Read a source from its JSON; raises IndexDamaged, as do the others."""
    with _readable():
        return SourceRecord(**json.loads(row))


def page_of(row: str) -> PageRecord:
    """Read the record of an address from its JSON."""
    with _readable():
        return PageRecord(**json.loads(row))


def file_of(row: str) -> FileRecord:
    """Read the record of a file from its JSON."""
    with _readable():
        return FileRecord(**json.loads(row))


def item_of(row: str) -> Item:
    """Read an item from its JSON."""
    with _readable():
        fields = json.loads(row)
        fields["notes"] = tuple(tuple(note) for note in fields["notes"])
        return Item(**fields)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        raise IndexDamaged(
            "A row of the ledger can't be read; see: blog-indexer doctor"
        ) from error


def item_hash(item: Item) -> str:
    """Return a hash that changes when the source says something else of the item."""
    said = {name: getattr(item, name) for name in HASHED}
    for name in HASHED_WHERE_SAID:
        if value := getattr(item, name):
            said[name] = value
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
