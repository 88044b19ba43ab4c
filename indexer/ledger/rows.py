"""The ledger's records as the JSON of its rows, and the hash of an item.

Reads and writes no database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime

from indexer.records import (
    FileRecord,
    Item,
    PageRecord,
    RobotsCopy,
    SourceRecord,
    Validators,
)
from search.errors import IndexDamaged
from search.index.stored_records import all_texts, record_of

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

# These say how the others are to be read: what older ledgers hold is fetched again for
# none of them.
# Nor is a page for its tags, of which the index is told by themselves.
NOT_HASHED = ("pageless", "elsewhere", "tags")


def to_row(record: SourceRecord | Item | PageRecord | RobotsCopy | FileRecord) -> str:
    """Write a record as JSON."""
    return json.dumps(asdict(record), ensure_ascii=False)


def source_of(row: str) -> SourceRecord:
    """Read a source from its JSON; raises IndexDamaged, as do the others."""
    with readable():
        fields = json.loads(row)
        fields["collections"] = _names(fields.get("collections", []))
        source = record_of(SourceRecord, fields)
        _require_texts(source.validators, source.leads)
        _require_moments(source.not_before)
        return source


def page_of(row: str) -> PageRecord:
    """Read the record of an address from its JSON."""
    with readable():
        page = record_of(PageRecord, json.loads(row))
        _require_texts(page.validators)
        _require_moments(page.due)
        if page.dead:
            date.fromisoformat(page.dead)
        return page


def file_of(row: str) -> FileRecord:
    """Read the record of a file from its JSON."""
    with readable():
        return record_of(FileRecord, json.loads(row))


def item_of(row: str) -> Item:
    """Read an item from its JSON."""
    with readable():
        fields = json.loads(row)
        fields["notes"] = tuple(map(_note, fields["notes"]))
        fields["tags"] = _names(fields.get("tags", []))
        return record_of(Item, fields)


def robots_of(row: str) -> RobotsCopy:
    """Read a robots.txt as last fetched from its JSON."""
    with readable():
        fields = json.loads(row)
        fields["seen"] = record_of(Validators, fields["seen"])
        return record_of(RobotsCopy, fields)


def moment_of_hold(until: str) -> str:
    """Check until when a host is to be left alone."""
    with readable():
        # Times are compared with those of a clock, which has a zone.
        if datetime.fromisoformat(until).tzinfo is None:
            raise ValueError("a time without a zone")
        return until


def object_of(row: str) -> dict[str, object]:
    """Read a JSON object whose fields are the affair of whoever stored it."""
    with readable():
        return dict(json.loads(row).items())


def list_of(row: str) -> list[list[object]]:
    """Read a JSON list of lists in the same way."""
    with readable():
        return [[*parts] for parts in json.loads(row)]


@contextmanager
def readable() -> Iterator[None]:
    """Raise IndexDamaged where what the ledger holds is not what was written."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise IndexDamaged(
            "A row of the ledger can't be read; see: blog-indexer doctor"
        ) from error


def _note(stored: Sequence[object]) -> tuple[str, str, str, str, int]:
    text, anchor, section, noted, place = stored
    if not all_texts(text, anchor, section, noted) or not isinstance(place, int):
        raise TypeError("not the form that is written")
    return str(text), str(anchor), str(section), str(noted), place


def _names(stored: Sequence[object]) -> tuple[str, ...]:
    if not isinstance(stored, list) or not all_texts(*stored):
        raise TypeError("not the form that is written")
    return tuple(map(str, stored))


def _require_texts(*stored: Mapping[str, object]) -> None:
    for values in stored:
        if not all_texts(*values.values()):
            raise TypeError("not the form that is written")


def _require_moments(*texts: str) -> None:
    for text in filter(None, texts):
        datetime.fromisoformat(text)


def item_hash(item: Item) -> str:
    """Return a hash that changes when the source says something else of the item."""
    said = {name: getattr(item, name) for name in HASHED}
    for name in HASHED_WHERE_SAID:
        if value := getattr(item, name):
            said[name] = value
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
