"""The blocks and notes of an article as they are stored: JSON, each a list of its
fields in their order.

Knows no database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from search.index.stored_records import record_of
from search.types import Block, Note

BLOCK_TYPES = (str, str, int, str, int)
NOTE_FIELDS = [field.name for field in fields(Note)]


def blocks_of(stored: str) -> list[Block]:
    """Read an article's blocks from their JSON; raises ValueError and TypeError where
    that is damaged."""
    rows = json.loads(stored)
    # By place, not by name: an article has hundreds of them, and a question reads ten.
    if not all(all(map(isinstance, values, BLOCK_TYPES)) for values in rows):
        raise TypeError("a field of a block is not what is stored there")
    return [Block(*values) for values in rows]


def _block_values(block: Block) -> list[object]:
    values: list[object] = [block.kind, block.text, block.level, block.anchor]
    # Most blocks have none, and blocks of earlier versions never have one: what did not
    # change is stored as it was.
    if block.number:
        values.append(block.number)
    return values


def notes_of(stored: str) -> list[Note]:
    """Read an article's notes from their JSON; raises as ``blocks_of`` does."""
    return list(map(_note, json.loads(stored)))


def stored_blocks(blocks: Iterable[Block]) -> str:
    """Write blocks as JSON."""
    return dump(list(map(_block_values, blocks)))


def stored_notes(notes: Iterable[Note]) -> str:
    """Write notes as JSON."""
    return dump(
        [
            (
                n.text,
                n.anchor_text,
                n.section,
                n.noted and n.noted.isoformat(),
                n.page,
                n.position,
            )
            for n in notes
        ]
    )


def dump(values: object) -> str:
    """Write values as JSON, letters as they are."""
    return json.dumps(values, ensure_ascii=False)


def _note(values: list[Any]) -> Note:
    text, anchor, section, noted, *place = values
    stored = (text, anchor, section, day(noted), *place)
    return record_of(Note, _named(NOTE_FIELDS, stored))


def _named(names: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    # Of later fields older programs have stored none.
    return dict(zip(names[: len(values)], values, strict=True))


def day(text: str | None) -> date | None:
    """Read a day, None where there is none."""
    if text:
        return date.fromisoformat(text)
    return None
