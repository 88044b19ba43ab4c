"""The plan of a run: each listed article once, however many addresses lead to it.

Fetches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeGuard

from indexer.crawl.assemble import labelled
from indexer.crawl.forgotten import Forgotten
from indexer.crawl.tasks import Task
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.ledger.aliases import AliasGroup
from indexer.ledger.schedule import is_due
from indexer.records import (
    Outcome,
    Page,
    PageRecord,
    Reason,
    Result,
    SourceRecord,
    Validators,
)
from indexer.text.urls import post_fragment, shared_page
from search.port_values import Names


@dataclass(slots=True)
class Plan:
    """The tasks, how what is not fetched ends, and how many more are unchanged: good,
    stored, and not due."""

    tasks: list[Task] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unchanged: int = 0


class Planner:
    """Plans the tasks of one run.

    ``pages`` were fetched already when sources were looked for, by source.
    """

    def __init__(
        self,
        work: UnitOfWork,
        forgotten: Forgotten,
        *,
        now: datetime,
        pages: Mapping[str, Page],
    ) -> None:
        self._work = work
        self._forgotten = forgotten
        self._now = now
        self._pages = pages
        self._feeds = {
            source.url for source in work.ledger.sources() if source.kind == "feed"
        }
        self._planned: dict[str, Task | Outcome] = {}  # by identity

    def plan(self, sources: Sequence[SourceRecord]) -> Plan:
        """Return what to fetch of these sources' lists, and how the rest ends."""
        found = self._work.identities.to_plan(self._now)
        for source in sources:
            keys = found.get(source.url, [])
            for key in keys:
                if key not in self._planned:
                    group = self._work.aliases.group(key)
                    page = self._pages.get(source.url)
                    self._planned[key] = self._plan_one(group, page)
            if source.url in self._feeds:
                self._look_at_replaced(source.url, keys)
        made = Plan()
        for key, planned in self._planned.items():
            if isinstance(planned, Task):
                made.tasks.append(planned)
            else:
                made.outcomes.append(planned)
                self._work.identities.note_without_task(key)
        listed = self._work.ledger.count_listed([source.url for source in sources])
        made.unchanged = listed - len(self._planned)
        return made

    def older(self, urls: Iterable[str]) -> list[Task]:
        """Return what to fetch of posts that were found since, each once a run."""
        tasks = []
        for key, group in self._work.aliases.of_urls(urls):
            if key in self._planned:
                continue
            planned = self._planned[key] = self._plan_one(group)
            if isinstance(planned, Task):
                tasks.append(planned)
        return tasks

    def _plan_one(self, group: AliasGroup, page: Page | None = None) -> Task | Outcome:
        if reason := self._forgotten.reason(group.urls):
            return self._leave_out(group.urls, reason)
        in_order = self._in_order(group)
        known = self._known(in_order[0], group)
        if known is not None and not is_due(group.hash, known, self._now):
            self._relabel(known.article, group)
            return skipped(in_order[0], known, self._work)
        return self._task(in_order, group, known=known, page=page)

    def _relabel(self, url: str, group: AliasGroup) -> None:
        """Give a stored article the tags and collections that its sources say now; its
        page is not asked for them, and nothing is embedded again."""
        stored = self._work.article(url) if url else None
        if stored is None:
            return
        others = self._work.leading_to(url, besides=group.urls)
        items = self._work.aliases.items_of((*self._in_order(group), *others))
        new = labelled(stored, items)
        if new != stored:
            self._work.index.label(url, Names(new.tags, new.collections))

    def _task(
        self,
        in_order: Sequence[str],
        group: AliasGroup,
        *,
        known: PageRecord | None,
        page: Page | None = None,
    ) -> Task:
        url, *others = in_order
        shared, seen = "", None
        if post_fragment(url):
            shared = shared_page(url)
            record = self._work.record(shared)
            # The page is asked for conditionally, whichever of its posts comes first.
            if record:
                seen = Validators(**record.validators)
        return Task(
            url,
            # In this order: what the first says counts more.
            self._work.aliases.items_of(in_order),
            group.hash,
            known,
            page,
            aliases=group.urls,
            others=tuple(others),
            shared=shared,
            seen=seen,
        )

    def _in_order(self, group: AliasGroup) -> list[str]:
        """Return the aliases that are still used, in the order in which to try them."""
        # First comes what a feed uses in place of another now, then what is stored,
        # what feeds name, and what link pages name.
        by_feeds, by_others, renewed = [], [], []
        for source, url in group.current.items():
            if source not in self._feeds:
                by_others.append(url)
                continue
            by_feeds.append(url)
            if group.has_changed_at(source):
                renewed.append(url)
        urls = list(dict.fromkeys([*by_feeds, *by_others]))
        if len(urls) == 1:
            return urls  # of most articles; nothing is to be looked up
        records = self._work.records(urls)
        stored = [record.url for record in records if self._is_stored(record)]
        return list(dict.fromkeys([*renewed, *stored, *urls]))

    def _is_stored(self, record: PageRecord) -> bool:
        return self._work.evidence_of(record.article) is not None

    def _known(self, url: str, group: AliasGroup) -> PageRecord | None:
        """Return what is known of an article by any address that leads to it."""
        # An article that the index lost, or that is not in the backup which took its
        # place, is as new.
        records = self._work.records((url, *group.urls))
        alike = self._work.alike(url)
        if alike and not records:
            records = self._work.records(self._work.leading_to(alike))
        known = None
        for record in records:
            if self._is_stored(record):
                return record
            if not record.article:
                known = known or record
        return known

    def _leave_out(self, urls: Sequence[str], reason: Reason) -> Outcome:
        """Leave out an article that the user wants out, by new aliases too."""
        forgotten = set()
        for record in self._work.records(urls):
            if record.state == "forgotten":
                forgotten.add(record.url)
            elif record.article:
                self._work.release(record.article, besides=urls)
                self._work.erase(record.article)
        for url in urls:
            if url not in forgotten:
                self._work.note(PageRecord(url, "forgotten", reason=reason))
        return Outcome(urls[0], "excluded")

    def _look_at_replaced(self, source: str, keys: Sequence[str]) -> None:
        """Ask the older address of an entry that a feed lists under another one now."""
        # The two have title and day in common. Asked at once, the older address tells
        # that it has moved, so that the article is not stored twice.
        tasks = filter(_is_task, map(self._planned.__getitem__, keys))
        new = {task.url for task in tasks if task.known is None}
        if not new or len(new) == self._work.ledger.count_listed([source]):
            return
        for key, group in self._work.aliases.of_urls(self._replaced_by(new, source)):
            if isinstance(self._planned.get(key), Task):
                continue
            in_order = self._in_order(group)
            known = self._known(in_order[0], group)
            if known is not None and known.article:
                self._planned[key] = self._task(in_order, group, known=known)

    def _replaced_by(self, new: set[str], source: str) -> list[str]:
        """Return the addresses of a feed's entries that share title and day with new."""
        entries = self._work.ledger.entries(source)
        renewed = {about for url, about in entries if url in new}
        replaced = []
        for url, about in entries:
            if about in renewed and url not in new:
                replaced.append(url)
        return replaced


def _is_task(planned: Task | Outcome) -> TypeGuard[Task]:
    return isinstance(planned, Task)


def skipped(url: str, known: PageRecord, work: UnitOfWork) -> Outcome:
    """Return the outcome of an address that is not asked this time."""
    evidence = work.evidence_of(known.article)
    result: Result = evidence or "failed"
    if evidence == "article":
        result = "unchanged"
    if known.state not in ("good", "forgotten"):
        return Outcome(url, result, known.reason, known.detail, tried=False)
    if known.state == "good" and evidence is not None:
        return Outcome(url, "unchanged")
    # The page asks to be kept out, or the user wants it out.
    return Outcome(url, "excluded")
