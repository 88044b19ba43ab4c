"""Records as they come back from what was stored of them: each field of its own type.

A dataclass takes anything, and what it took fails later, somewhere else. What a damaged
file holds must not get further than this.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_known: dict[Any, dict[str, tuple[type, ...]]] = {}


def record_of(kind: type[T], values: Mapping[str, Any]) -> T:
    """Make a record of its fields; raises TypeError where one is missing, unknown, or of
    another type."""
    types = _types_of(kind)
    for name, value in values.items():
        if not isinstance(value, types.get(name, object)):
            raise TypeError(f"{name} is not what is stored there")
    return kind(**values)


def _types_of(kind: Any) -> dict[str, tuple[type, ...]]:
    """Return the classes that each field of a dataclass may have."""
    # Reading annotations takes longer than all the rest.
    if kind not in _known:
        hints = get_type_hints(kind)
        _known[kind] = {name: tuple(_classes(hint)) for name, hint in hints.items()}
    return _known[kind]


def _classes(hint: Any) -> list[type]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return [found for part in get_args(hint) for found in _classes(part)]
    if origin is Literal:
        return [type(value) for value in get_args(hint)]
    if hint is float:
        return [float, int]  # JSON writes 1.0 as it likes
    return [origin or hint]


def all_texts(*values: object) -> bool:
    """Tell if each of these is a text."""
    return all(isinstance(value, str) for value in values)
