"""The coverage report: of each source, the part of its posts that is stored, and how.

It counts nothing itself; search/types.py has the types of articles and answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Held = Literal["summary", "link", "nothing"]
ArchiveSearch = Literal["none", "open", "over", "whole"]


@dataclass(frozen=True, slots=True)
class NotWhole:
    """An address that a source leads to and that isn't stored in full: what there is of
    it, and the reason."""

    url: str
    title: str
    held: Held
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage report of one source: ``known`` = article + summary + link + missing + same.

    ``shown`` is how many items the source showed when it was last read, None where that
    wasn't counted yet. ``found`` says how many posts more each way of searching its
    archive gave; ``search`` whether that search hasn't been made ("none"), is to go on
    ("open"), is "over", or has found a list that says it is the "whole". ``same``
    counts further addresses of articles that are counted already, ``missing`` what is
    not held at all. ``not_whole`` are, in the source's order, those of summary, link
    and missing.
    """

    source: str
    kind: str
    title: str = ""
    error: str = ""  # why it could not be read the last time
    shown: int | None = None
    found: tuple[tuple[str, int], ...] = ()
    search: ArchiveSearch = "none"
    known: int = 0
    article: int = 0
    summary: int = 0
    link: int = 0
    missing: int = 0
    same: int = 0
    not_whole: tuple[NotWhole, ...] = ()

    def __post_init__(self) -> None:
        if (
            self.known
            != self.article + self.summary + self.link + self.missing + self.same
        ):
            raise ValueError(f"the coverage report of {self.source} doesn't add up")
