"""What a run fetches: each article that sources list once, however many addresses lead
to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from indexer.crawl.apply import Task
from indexer.crawl.forget import Forgotten
from indexer.crawl.unit_of_work import Holdings
from indexer.ledger.aliases import Group
from indexer.ledger.schedule import decide
from indexer.records import Outcome, Page, PageRecord, Result, SourceRecord, Validators
from indexer.text.urls import post_fragment, shared_page


class Planner:
    """Plans the tasks of one run. ``pages`` are those that were fetched already, by
    source."""

    def __init__(
        self,
        holdings: Holdings,
        forgotten: Forgotten,
        *,
        now: datetime,
        pages: Mapping[str, Page],
    ) -> None:
        self._holdings = holdings
        self._forgotten = forgotten
        self._now = now
        self._pages = pages
        self._feeds = {
            source.url for source in holdings.ledger.sources() if source.kind == "feed"
        }
        self._planned: dict[str, Task | Outcome] = {}  # by identity

    def plan(self, sources: Sequence[SourceRecord]) -> tuple[list[Task], list[Outcome]]:
        """What to fetch of that which these sources list, and how the rest ends
        without."""
        for source in sources:
            listed = self._holdings.spellings.of_source(source.url)
            for key, group in listed:
                if key not in self._planned:
                    self._planned[key] = self._decide(
                        group, self._pages.get(source.url)
                    )
            if source.url in self._feeds:
                self._look_at_replaced(source.url, listed)
        planned = self._planned.values()
        tasks = [one for one in planned if isinstance(one, Task)]
        return tasks, [one for one in planned if isinstance(one, Outcome)]

    def older(self, urls: Iterable[str]) -> list[Task]:
        """What to fetch of posts that were found since; what this run has planned isn't
        planned again."""
        self._holdings.spellings.catch_up()
        tasks = []
        for key, group in self._holdings.spellings.of_urls(urls):
            if key not in self._planned:
                planned = self._planned[key] = self._decide(group)
                tasks += [planned] if isinstance(planned, Task) else []
        return tasks

    def _decide(self, group: Group, page: Page | None = None) -> Task | Outcome:
        if reason := self._forgotten.reason(group.urls):
            return self._leave_out(group.urls, reason)
        url, *_ = in_order = self._in_order(group)
        known = self._known(url, group)
        decision = decide(group.hash, known, self._now)
        if decision.action == "fetch" or known is None:
            return self._task(in_order, group, known, page)
        return self._skipped(url, known, decision.reason)

    def _task(
        self,
        in_order: Sequence[str],
        group: Group,
        known: PageRecord | None,
        page: Page | None = None,
    ) -> Task:
        items = self._holdings.said_of(in_order)
        url, *others = in_order
        shared = self._holdings.record(shared_page(url)) if post_fragment(url) else None
        seen = Validators(**shared.validators) if shared else None
        return Task(
            url,
            items,
            group.hash,
            known,
            page,
            spellings=group.urls,
            others=tuple(others),
            seen=seen,
        )

    def _in_order(self, group: Group) -> list[str]:
        """The spellings that are still used, in the order in which they are tried: what
        a feed came to use in place of another, what was had before, what feeds name,
        what link pages name."""
        current = sorted(
            group.current.items(), key=lambda pair: pair[0] not in self._feeds
        )
        urls = list(dict.fromkeys(url for _, url in current))
        if len(urls) == 1:
            return urls
        records = {url: self._holdings.record(url) for url in urls}
        renewed = [
            url
            for source, url in current
            if source in self._feeds and group.has_respelt(source)
        ]
        had = [
            url
            for url, record in records.items()
            if record and record.article in self._holdings.evidences
        ]
        return list(dict.fromkeys([*renewed, *had, *urls]))

    def _known(self, url: str, group: Group) -> PageRecord | None:
        """What is known of an article by any of its spellings, or by another address
        that led to it."""
        holdings = self._holdings
        urls: Iterable[str] = dict.fromkeys((url, *group.urls))
        records = [record for record in map(holdings.record, urls) if record]
        if not records and (alike := holdings.alike(url)):
            urls = holdings.leading_to(alike, besides=())
            records = [record for record in map(holdings.record, urls) if record]
        held = [record for record in records if record.article in holdings.evidences]
        # An article that isn't held any more is as new: the index was lost or put back
        # from a backup.
        return next(
            iter([*held, *(record for record in records if not record.article)]), None
        )

    def _skipped(self, url: str, known: PageRecord, reason: str) -> Outcome:
        """The outcome of an address that is not fetched this time: as what it is held,
        and why."""
        evidence = self._holdings.evidences.get(known.article)
        if known.state == "forgotten" or (known.state == "good" and evidence is None):
            return Outcome(url, "excluded")
        if known.state == "good":
            return Outcome(url, "unchanged")
        result: Result = "unchanged" if evidence == "article" else evidence or "failed"
        return Outcome(url, result, reason, tried=False)

    def _leave_out(self, urls: Sequence[str], reason: str) -> Outcome:
        """The user wants an article out, whose spellings these are: new ones are noted,
        too."""
        for url in urls:
            known = self._holdings.record(url)
            if known is None or known.state != "forgotten":
                self._holdings.note(PageRecord(url, "forgotten", reason=reason))
                if known is not None and known.article:
                    self._holdings.drop(known.article, besides=urls)
        return Outcome(urls[0], "excluded")

    def _look_at_replaced(
        self, source: str, listed: Sequence[tuple[str, Group]]
    ) -> None:
        """Where a feed lists an entry of the same title and day under another address
        now, the older address is asked at once whether it has moved, so that the
        article isn't held twice."""
        planned = {key: self._planned[key] for key, _ in listed}
        new = {
            one.url
            for one in planned.values()
            if isinstance(one, Task) and one.known is None
        }
        if not new or len(new) == len(listed):
            return
        entries = self._holdings.ledger.entries(source)
        renewed = {about for url, about in entries if url in new}
        replaced = [
            url for url, about in entries if about in renewed and url not in new
        ]
        for key, group in self._holdings.spellings.of_urls(replaced):
            in_order = self._in_order(group)
            known = self._known(in_order[0], group)
            if (
                isinstance(planned.get(key), Outcome)
                and known is not None
                and known.article
            ):
                self._planned[key] = self._task(in_order, group, known)
