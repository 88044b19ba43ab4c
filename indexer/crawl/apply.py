"""The carrying out of a decision: articles into the unit of work, records of each page.

Decides nothing about pages: see ``decide``.
"""

from __future__ import annotations

from datetime import datetime

from indexer.crawl.compose import Neighbours, compose
from indexer.crawl.decide import Decision
from indexer.crawl.page_record import conclude, ending_of
from indexer.crawl.tasks import Attempt
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.records import Outcome
from search.types import Article

# Of what these let go of, nothing is to stay in any file.
FOR_GOOD = ("exclude", "forget", "withdraw")


def apply(
    decision: Decision, attempt: Attempt, work: UnitOfWork, *, now: datetime
) -> Outcome:
    """Bring one attempt into the index and the ledger, and return how it ended.

    It is durable with the unit of work's next commit.
    """
    others, is_new = Neighbours(), False
    # Only what is stored asks the ledger: it costs some reading.
    if decision.action in ("withdraw", "refresh", "store"):
        others = work.neighbours(decision.address, attempt.task)
    article = compose(decision, attempt, others)
    if article is not None and decision.action == "store" and attempt.page is not None:
        article = work.without_repeats(article)
    if decision.action not in ("fail", "wait"):
        is_new = work.lead_to(article, attempt.task)
    if decision.action in FOR_GOOD:
        _erase(decision.stored, work)
    ending = ending_of(decision, attempt, article, is_new=is_new)
    record = conclude(attempt, ending, now)
    work.note_attempt(attempt, record)
    return Outcome(attempt.task.url, ending.result, ending.reason, ending.detail)


def _erase(stored: Article | None, work: UnitOfWork) -> None:
    # What other addresses lead to may stay as it is.
    if stored is not None and work.article(stored.url) != stored:
        work.erase(stored.url)
