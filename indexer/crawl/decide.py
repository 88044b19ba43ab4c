"""The decision what an attempt means for the article that is stored.

Does no input or output: ``apply`` carries the decision out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from indexer.crawl.assemble import address_of
from indexer.crawl.forgotten import Forgotten
from indexer.crawl.tasks import Attempt
from indexer.documents.read_page import ExtractedArticle
from indexer.extract.article import Extraction
from indexer.ledger.schedule import moment_of
from indexer.records import NotModified, Page, PageRecord, Reason
from search.types import Article

# The text of a feed must be longer by this factor to replace that of an unchanged page.
# A feed's text of the same post differs a little by itself.
MUCH_MORE = 1.1

Action = Literal[
    "exclude",  # the page asks to be kept out of indexes
    "forget",  # it leads to what the user wants out
    "wait",  # it answered 404 once: nothing changes before it does so again
    "withdraw",  # it is gone: only the notes of those who link to it stay
    "fail",  # there is nothing to store
    "refresh",  # the stored text stays, with what the sources say now
    "store",  # the article is made of what was read
]


@dataclass(frozen=True, slots=True)
class Decision:
    """The action, the article that is stored so far, and why to forget it."""

    action: Action
    stored: Article | None = None
    reason: Reason = ""


def decide(
    attempt: Attempt, stored: Article | None, *, forgotten: Forgotten, now: datetime
) -> Decision:
    """Decide what becomes of the article that the address led to so far."""
    known = attempt.known
    if asks_to_be_kept_out(attempt):
        return Decision("exclude", stored)
    if known is not None and not attempt.copy and is_gone(attempt):
        waits = stored is not None and not is_gone_for_good(attempt, known, now)
        return Decision("wait" if waits else "withdraw", stored)
    if isinstance(attempt.page, NotModified) and stored is None:
        was_stored = known is not None and known.article != ""
        # Kept out on its request as before, or lost from the index since.
        return Decision("fail" if was_stored else "exclude")
    kept = stored if keeps_stored(attempt, stored) else None
    if reason := forgotten.reason([_address(attempt, kept)]):
        return Decision("forget", stored, reason)
    if stored is None and has_nothing(attempt):
        return Decision("fail")
    return Decision("refresh" if kept else "store", stored)


def asks_to_be_kept_out(attempt: Attempt) -> bool:
    """Tell whether the page asks to be kept out of indexes, by header or in itself."""
    return any(part.noindex for part in _parts(attempt))


def asks_for_no_snippet(attempt: Attempt) -> bool:
    """Tell whether the page asks that none of its text be shown."""
    return any(part.nosnippet for part in _parts(attempt))


def is_gone(attempt: Attempt) -> bool:
    """Tell whether a page that was fetched once is gone, or was gone and is not back."""
    known, error = attempt.known, attempt.error
    if known is None or error is None:
        return False
    if known.state == "gone" and not known.article:
        return True
    # Good with a reason is what the feed alone gave: no page was fetched.
    was_fetched = known.state == "gone" or (known.state == "good" and not known.reason)
    failed = attempt.fetch_error
    return was_fetched and failed is not None and failed.reason in ("not-found", "gone")


def is_gone_for_good(attempt: Attempt, known: PageRecord, now: datetime) -> bool:
    """Tell whether a page that is gone now stays so.

    It says so itself (410), or was gone a day or more before, when the next try was
    due.
    """
    failed = attempt.fetch_error
    if failed is not None and failed.reason == "gone":
        return True
    return known.state == "gone" and now >= moment_of(known.due)


def keeps_stored(attempt: Attempt, stored: Article | None) -> bool:
    """Tell whether the stored text stays, whatever was read.

    The reading of a page that cannot be fetched or is unchanged is only what the feed
    says.
    """
    extracted = attempt.extracted
    if extracted is None or stored is None:
        return extracted is None
    if isinstance(attempt.page, NotModified):
        length = sum(len(block.text) for block in extracted.blocks)
        return length <= MUCH_MORE * len(stored.text)
    if attempt.error is None or stored.evidence != "article":
        return False
    # A whole text of the feed replaces what the feed gave before, not what a page did.
    known = attempt.known
    came_from_feed = known is not None and known.reason != ""
    return not (extracted.whole and came_from_feed)


def has_nothing(attempt: Attempt) -> bool:
    """Tell whether there is no text and no page, and no source says what it is."""
    if attempt.error is None:
        return False
    if attempt.extracted is not None and attempt.extracted.blocks:
        return False
    return attempt.task.is_bare or attempt.task.on_disk is not None


def _address(attempt: Attempt, kept: Article | None) -> str:
    if kept is not None:
        return kept.url
    return address_of(attempt.task.url, attempt.extracted or ExtractedArticle())


def _parts(attempt: Attempt) -> list[Page | Extraction]:
    """Return what may carry a page's wishes: its header, and its own text."""
    inside = attempt.extracted.page if attempt.extracted else None
    return [part for part in (attempt.answer, inside) if part is not None]
