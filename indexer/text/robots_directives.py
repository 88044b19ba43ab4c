"""What an owner asks of search engines for one page: robots meta elements and
X-Robots-Tag. Pure.

https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

AGENT = "blogsearch"  # the token that names us in robots.txt and robots directives
_COLON = re.compile(r"\s*:\s*")
_BETWEEN = re.compile(r"[,;\s]+")


@dataclass(frozen=True, slots=True)
class Directives:
    """``noindex``: keep it out of indexes; ``nosnippet``: show none of its text beside
    a result."""

    noindex: bool = False
    nosnippet: bool = False

    def __or__(self, other: Directives) -> Directives:
        return Directives(
            self.noindex or other.noindex, self.nosnippet or other.nosnippet
        )


def read_directives(values: Iterable[str]) -> Directives:
    """All that these lists of directives ask for together, in any case and with any
    separator."""
    words = {
        word
        for value in values
        for word in _BETWEEN.split(_COLON.sub(":", value.lower()))
    }
    return Directives(
        noindex=not words.isdisjoint(("noindex", "none")),
        nosnippet=not words.isdisjoint(("nosnippet", "max-snippet:0")),
    )
