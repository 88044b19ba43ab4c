"""The findings of an examination, of an index as of a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 5  # addresses that a sentence names


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, as a sentence.

    ``code`` is a stable word for machines. ``mendable``: ``doctor --repair`` can derive
    it again.
    """

    code: str
    text: str
    mendable: bool = True


def named(urls: Sequence[str]) -> str:
    """List some addresses for a sentence."""
    shown = ", ".join(urls[:SHOWN])
    if len(urls) > SHOWN:
        shown += f" and {len(urls) - SHOWN} more"
    return shown
