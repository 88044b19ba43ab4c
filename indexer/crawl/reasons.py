"""The sentences in which people are shown why an article is not stored as a whole.

Nothing compares them, and nothing but the coverage report stores them.
"""

from __future__ import annotations

from indexer.records import Reason

_SENTENCES: dict[Reason, str] = {
    "not-whole": "the page holds no whole article",
    "site-page": "a page of the site, no post; add its address to have it searched",
    "forgotten": "forgotten on request",
    "forgotten-site": "its site is forgotten on request",
}


def sentence(reason: Reason, detail: str = "") -> str:
    """Return the sentence for a reason: the detail where there is one, or ""."""
    return detail or _SENTENCES.get(reason, reason)
