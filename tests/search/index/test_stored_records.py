"""Stored records: the types of their fields, as annotations of every kind say them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

from search.index.stored_records import all_texts, record_of


@dataclass(frozen=True)
class Stored:
    name: str
    kind: Literal["a", "b"] = "a"
    size: int | None = None
    share: float = 0.0
    seen: dict[str, str] | None = None
    notes: tuple[str, ...] = ()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x"},
        {"name": "x", "kind": "b", "size": 4, "share": 1, "seen": {}, "notes": ("y",)},
        {"name": "x", "size": None, "seen": None, "share": 0.5},
    ],
)
def test_what_was_written_comes_back(fields):
    assert record_of(Stored, fields) == Stored(**fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": None},
        {"name": 5},
        {"kind": 1},
        {"size": "4"},
        {"share": "0.5"},
        {"seen": []},
        {"notes": "xy"},
        {"other": 1},
    ],
)
def test_another_type_is_refused(wrong):
    fields = {"name": "x"} | wrong if wrong else {}
    with pytest.raises(TypeError):
        record_of(Stored, fields)


def test_texts_are_told_from_all_else():
    assert all_texts()
    assert all_texts("", "x")
    assert not all_texts("x", None)
    assert not all_texts(b"x")
