"""The carrying out of a decision: articles into the unit of work, records of each page.

Decides nothing about pages: see ``decide``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial

from indexer.backfill.post_links import to_ledger
from indexer.crawl.assemble import assemble, refresh
from indexer.crawl.conclude import Ending, conclude, reason_of
from indexer.crawl.dead_links import mark_dead
from indexer.crawl.decide import Decision, asks_for_no_snippet
from indexer.crawl.place import place
from indexer.crawl.tasks import Attempt, Items
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.documents.read_page import ExtractedArticle
from indexer.records import Outcome, PageRecord
from indexer.text.urls import shared_page
from search.types import Article


def apply(
    decision: Decision, attempt: Attempt, work: UnitOfWork, *, now: datetime
) -> Outcome:
    """Bring one attempt into the index and the ledger, and return how it ended.

    It is durable with the unit of work's next commit.
    """
    _note_page(attempt, work)
    ending = _act(decision, attempt, work)
    record = conclude(attempt, ending, now)
    for url in attempt.task.aliases:
        work.note(replace(record, url=url))
    reason, detail = reason_of(attempt, ending)
    return Outcome(attempt.task.url, ending.result, reason, detail)


def _note_page(attempt: Attempt, work: UnitOfWork) -> None:
    """Note where the page leads, and the page that it is a part of."""
    url = attempt.task.url
    if attempt.links:
        work.note_links(url, to_ledger(attempt.links))
    if attempt.shared is not None:
        validators = asdict(attempt.shared.validators)
        work.note(PageRecord(shared_page(url), "good", validators=validators))


def _act(decision: Decision, attempt: Attempt, work: UnitOfWork) -> Ending:
    match decision.action:
        case "exclude":
            _release(attempt, work)
            return Ending("excluded")
        case "forget":
            _release(attempt, work)
            return Ending("excluded", state="forgotten", reason=decision.reason)
        case "fail":
            return Ending("failed")
        case "wait":
            return Ending("unchanged", decision.stored, state="gone")
        case "withdraw":
            return _withdraw(decision.stored, attempt, work)
        case "refresh" | "store":
            return _store(decision, attempt, work)


def _store(decision: Decision, attempt: Attempt, work: UnitOfWork) -> Ending:
    if decision.action == "refresh" and decision.stored is not None:
        make = partial(refresh, decision.stored)
    else:
        make = partial(_made, attempt, decision.stored)
    article = make(attempt.task.items)
    former = work.alike(article.url)
    others = work.leading_to(former or article.url, besides=attempt.task.aliases)
    if others:
        article = make([*attempt.task.items, *work.items_of(others)])
    article = mark_dead(article, attempt)
    if former and others:
        records = [record for url in others if (record := work.record(url))]
        article = place(article, attempt, there=work.article(former), records=records)
    former = work.alike(article.url)
    changed = work.put(article)
    if former and former != article.url:
        work.rename(former, article.url)
    _release(attempt, work, keep=article.url)
    if article.evidence == "article" and not changed:
        return Ending("unchanged", article)
    return Ending(article.evidence, article)


def _made(attempt: Attempt, stored: Article | None, items: Items) -> Article:
    """Assemble the article; a wish for no snippet is kept where no page answered."""
    extracted = attempt.extracted or ExtractedArticle()
    article = assemble(attempt.task.url, items, extracted)
    nosnippet = asks_for_no_snippet(attempt)
    if attempt.answer is None and stored is not None:
        nosnippet = nosnippet or stored.nosnippet
    return replace(article, nosnippet=nosnippet)


def _withdraw(stored: Article | None, attempt: Attempt, work: UnitOfWork) -> Ending:
    """Take the article of a page that is gone out, except for the notes on it."""
    task = attempt.task
    if stored is not None:
        others = work.leading_to(stored.url, besides=task.aliases)
        if others:
            article = refresh(stored, [*task.items, *work.items_of(others)])
            work.put(article)
            return Ending("unchanged", article, state="gone")
    _release(attempt, work)
    article = mark_dead(assemble(task.url, task.items, ExtractedArticle()), attempt)
    if not article.notes:
        return Ending("failed", state="gone")
    work.put(article)
    return Ending(article.evidence, article)


def _release(attempt: Attempt, work: UnitOfWork, keep: str = "") -> None:
    """Let the task's addresses lead to no other article than ``keep`` any longer."""
    aliases: Sequence[str] = attempt.task.aliases
    records = [work.record(url) for url in aliases]
    former = {record.article for record in (*records, attempt.known) if record}
    for article in former - {"", keep}:
        work.release(article, besides=aliases)
