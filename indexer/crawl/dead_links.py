"""Links that lead nowhere any more: when one counts as dead, and its article's mark.

Does no input or output.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from indexer.crawl.tasks import Attempt
from indexer.records import FetchError, PageRecord
from search.errors import BlogsearchError
from search.types import Article

_DEAD = ("not-found", "gone", "no-such-host")


def says_dead(error: BlogsearchError | None) -> bool:
    """Tell whether a page could not be fetched because there is none."""
    return isinstance(error, FetchError) and error.reason in _DEAD


def is_dead(known: PageRecord | None, error: BlogsearchError | None) -> bool:
    """Tell whether an address led nowhere at two tries in a row.

    They lie a day or more apart, as the retry schedule has it.
    """
    return known is not None and known.dead != "" and says_dead(error)


def dead_since(attempt: Attempt, now: datetime) -> str:
    """Return the ISO date since when each try said that there is no page, or ""."""
    if attempt.error is None:
        return ""
    before = attempt.known.dead if attempt.known else ""
    if before or not says_dead(attempt.error):
        return before
    return now.date().isoformat()


def mark_dead(article: Article, attempt: Attempt) -> Article:
    """Return the article as that of a dead link, if it is one that somebody noted."""
    known, error = attempt.known, attempt.error
    if known is not None and article.notes and is_dead(known, error):
        return replace(
            article,
            dead_since=date.fromisoformat(known.dead),
            archived=attempt.task.archived_copy,
        )
    if error is not None and not says_dead(error):
        return article  # nothing new is known of the link
    return replace(article, dead_since=None, archived="")
