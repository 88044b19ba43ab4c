"""The sentences in which people are shown why an article is not stored as a whole.

Nothing compares them, and nothing but the coverage report stores them.
"""

from __future__ import annotations

from indexer.records import Reason

_SENTENCES: dict[Reason, str] = {
    "not-whole": "the page holds no whole article",
    "no-page": "its feed names no page of its own for it",
    "site-page": "a page of the site, no post; add its address to have it searched",
    "forgotten": "forgotten on request",
    "forgotten-site": "its site is forgotten on request",
}


# Why an entry of a feed is no item.
_LEFT_OUT: dict[str, str] = {
    "no-address": "the feed gives neither an address nor a text of it",
    "same-address": "the feed gives it the address of another entry",
    "file": "the feed names a file elsewhere on this machine, which is not read",
}


def why_left_out(reason: str, name: str) -> str:
    """Return the sentence for an entry of a feed that is left out."""
    return f"{name}: {_LEFT_OUT.get(reason, reason)}"


def sentence(reason: Reason, detail: str = "") -> str:
    """Return the sentence for a reason: the detail where there is one, or ""."""
    return detail or _SENTENCES.get(reason, reason)
