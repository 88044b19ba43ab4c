"""Variants of an index that are compared, and the changes that the user names."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

from indexer.split.split import TARGET, TINY
from search.ranking.fusion import RANKINGS


@dataclass(frozen=True, slots=True)
class Variant:
    """A way of making an index and of searching it.

    ``passages`` is their target length in tokens.
    """

    model: str
    passages: int = TARGET
    ranking: str = "fused"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a variant does otherwise, as ``--compare`` names it."""

    what: str
    value: str

    @property
    def name(self) -> str:
        """The change as the user writes it."""
        return f"{self.what}={self.value}"

    def of(self, variant: Variant) -> Variant:
        """Return the variant with this change."""
        if self.what == "model":
            return replace(variant, model=self.value)
        if self.what == "passages":
            return replace(variant, passages=int(self.value))
        return replace(variant, ranking=self.value)


def read_change(text: str) -> Change:
    """Read WHAT=VALUE; raises ArgumentTypeError with a sentence for the user."""
    what, _, value = text.partition("=")
    if what == "model" and value:
        return Change(what, value)
    if what == "ranking" and value:
        return Change(what, _ranking(value))
    if what == "passages" and value:
        return Change(what, _passages(value))
    raise argparse.ArgumentTypeError(
        f"{text}: write model=NAME, ranking={'|'.join(RANKINGS)} or passages=TOKENS"
    )


def _ranking(value: str) -> str:
    if value not in RANKINGS:
        raise argparse.ArgumentTypeError(
            f"there is no ranking {value}; there are {', '.join(RANKINGS)}"
        )
    return value


def _passages(value: str) -> str:
    is_number = value.isascii() and value.isdigit()
    if not is_number or int(value) <= TINY:
        raise argparse.ArgumentTypeError(
            f"passages={value}: the length is a number of tokens above {TINY}"
        )
    return str(int(value))  # passages=080 and passages=80 are one variant
