"""The decision what an attempt means for the article that is stored.

Does no input or output: ``apply`` carries the decision out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from indexer.crawl.forgotten import Forgotten
from indexer.crawl.tasks import Attempt
from indexer.documents.read_page import ExtractedArticle
from indexer.ledger.schedule import moment_of
from indexer.records import NotModified, Reason
from search.types import Article

# The text of a feed must be longer by this factor to replace that of an unchanged page.
# A feed's text of the same post differs a little by itself.
MUCH_MORE = 1.1

Action = Literal[
    "exclude",  # the page asks to be kept out of indexes
    "forget",  # it leads to what the user wants out
    "fail",  # there is nothing to store
    "wait",  # it answered 404 once: nothing changes before it does so again
    "withdraw",  # it is gone: only the notes of those who link to it stay
    "refresh",  # the stored text stays, with what the sources say now
    "store",  # the article is made of what was read
]


@dataclass(frozen=True, slots=True)
class Decision:
    """The action, the article that is stored so far, and why to forget it.

    ``address`` is where the article belongs, to which others may lead as well.
    """

    action: Action
    stored: Article | None = None
    address: str = ""
    reason: Reason = ""


def decide(
    attempt: Attempt, stored: Article | None, *, forgotten: Forgotten, now: datetime
) -> Decision:
    """Decide what becomes of the article that the address led to so far."""
    action, address = _action(attempt, stored, now), attempt.address
    if action in ("wait", "withdraw", "refresh") and stored is not None:
        address = stored.url
    reason = forgotten.reason([address])
    if reason and action in ("store", "refresh", "fail"):
        return Decision("forget", stored, address, reason)
    return Decision(action, stored, address)


def _action(attempt: Attempt, stored: Article | None, now: datetime) -> Action:
    if attempt.noindex:
        return "exclude"
    if is_gone(attempt):
        if stored is None or is_gone_for_good(attempt, now):
            return "withdraw"
        return "wait"
    if stored is not None:
        if keeps_stored(attempt, stored):
            return "refresh"
        return "store"
    if has_nothing(attempt):
        return "fail"
    if isinstance(attempt.page, NotModified):
        # The index has lost it, or it is kept out on its request as before.
        if attempt.before.article:
            return "fail"
        return "exclude"
    return "store"


def is_gone(attempt: Attempt) -> bool:
    """Tell whether a page that was fetched once is gone, or was gone and is not back.

    It is not where an archived copy was read in its place.
    """
    before = attempt.before
    if attempt.error is None or attempt.copy:
        return False
    if before.state == "gone" and not before.article:
        return True
    if attempt.failure not in ("not-found", "gone"):
        return False
    if before.state == "good":
        # With a reason it is what the feed alone gave: no page was fetched.
        return not before.reason
    return before.state == "gone"


def is_gone_for_good(attempt: Attempt, now: datetime) -> bool:
    """Tell whether a page that is gone now stays so.

    It says so itself (410), or was gone a day or more before, when the next try was
    due.
    """
    if attempt.failure == "gone":
        return True
    if attempt.before.state != "gone":
        return False
    return now >= moment_of(attempt.before.due)


def keeps_stored(attempt: Attempt, stored: Article) -> bool:
    """Tell whether the stored text stays, whatever was read.

    The reading of a page that cannot be fetched or is unchanged is only what the feed
    says.
    """
    extracted = attempt.extracted
    if extracted is None:
        return True
    if isinstance(attempt.page, NotModified):
        return extracted.length <= MUCH_MORE * len(stored.text)
    if attempt.error is None:
        return False
    if stored.evidence != "article":
        # Of a summary or a link the feed's newer words are as good.
        return False
    if not extracted.whole:
        return True
    # A whole text of the feed replaces what the feed gave before, not what a page did.
    # The record has a reason where no page gave the article.
    return not attempt.before.reason


def has_nothing(attempt: Attempt) -> bool:
    """Tell whether there is no text and no page, and no source says what it is."""
    if attempt.error is None:
        return False
    extracted = attempt.extracted or ExtractedArticle()
    if extracted.blocks:
        return False
    on_disk = attempt.task.on_disk
    if on_disk is not None and not on_disk.notes:
        # Its source says its title; without the text it is of no use to anyone.
        return True
    return attempt.task.is_bare
