"""The parameters of a tool: their JSON schema, and what a model gives checked by it.

A model reads the sentences of the errors, and asks again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.errors import QueryError


@dataclass(frozen=True, slots=True)
class Text:
    """A text; one without a ``default`` has to be given. ``choices`` are all that it
    may be, () for any."""

    name: str
    about: str
    default: str | None = None
    choices: tuple[str, ...] = ()

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema does."""
        described: dict[str, Any] = {"type": "string", "description": self.about}
        if self.choices:
            described["enum"] = list(self.choices)
        return described

    def read(self, value: object) -> str:
        """Check what was given; raises QueryError."""
        # Models write a section's number as one.
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            raise _wrong(f"{self.name} must be a text that is not empty.")
        if self.choices and value not in self.choices:
            raise _wrong(f"{self.name} must be one of: {', '.join(self.choices)}.")
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number among ``among``."""

    name: str
    about: str
    default: int
    among: range

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema does."""
        return {
            "type": "integer",
            "description": self.about,
            "minimum": self.among[0],
            "maximum": self.among[-1],
            "default": self.default,
        }

    def read(self, value: object) -> int:
        """Check what was given; raises QueryError."""
        # Models write numbers as texts, too.
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
            value = int(value)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and value in self.among:
            return int(value)  # type: ignore[call-overload,no-any-return]
        first, last = self.among[0], self.among[-1]
        raise _wrong(f"{self.name} must be a whole number from {first} to {last}.")


Parameter = Text | Number


def schema_of(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Describe all parameters of a tool as JSON Schema does."""
    return {
        "type": "object",
        "properties": {one.name: one.schema() for one in parameters},
        "required": [one.name for one in parameters if one.default is None],
        "additionalProperties": False,
    }


def checked(
    parameters: Sequence[Parameter], given: Mapping[str, object]
) -> dict[str, Any]:
    """Return a value for each parameter, its default where none was given.

    Raises QueryError, whose sentence names what is wrong.
    """
    # A misspelt name would else pass unseen, and the answer be to another question.
    known = {one.name for one in parameters}
    for name in given:
        if name not in known:
            raise _wrong(
                f"There is no parameter {name[:40]!r}; there are: {_named(parameters)}."
            )
    values: dict[str, Any] = {}
    for one in parameters:
        # Some clients write null for what is left out.
        value = given.get(one.name)
        if value is not None:
            values[one.name] = one.read(value)
        elif one.default is not None:
            values[one.name] = one.default
        else:
            raise _wrong(f"Give {one.name}: {one.about}")
    return values


def _named(parameters: Sequence[Parameter]) -> str:
    return ", ".join(one.name for one in parameters) or "none"


def _wrong(message: str) -> QueryError:
    return QueryError("bad-parameter", message)
