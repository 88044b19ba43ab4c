"""The directives of an owner for one page: robots meta elements and X-Robots-Tag.

https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

AGENT = "blogsearch"  # our name in robots.txt and in directives

_COLON = re.compile(r"\s*:\s*")
_BETWEEN = re.compile(r"[,;\s]+")
_NO_INDEX = frozenset({"noindex", "none"})
_NO_SNIPPET = frozenset({"nosnippet", "max-snippet:0"})


@dataclass(frozen=True, slots=True)
class Directives:
    """``noindex``: keep the page out of indexes; ``nosnippet``: show none of its
    text."""

    noindex: bool = False
    nosnippet: bool = False

    def __or__(self, other: Directives) -> Directives:
        return Directives(
            self.noindex or other.noindex, self.nosnippet or other.nosnippet
        )


def read_directives(values: Iterable[str]) -> Directives:
    """Return all that these lists of directives ask for together, in any case and with
    any separator."""
    words: set[str] = set()
    for value in values:
        words.update(_BETWEEN.split(_COLON.sub(":", value.lower())))
    return Directives(
        noindex=not words.isdisjoint(_NO_INDEX),
        nosnippet=not words.isdisjoint(_NO_SNIPPET),
    )
