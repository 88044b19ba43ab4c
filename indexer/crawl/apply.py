"""What was fetched and read → index and ledger, article by article: what to hold, and
under which address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from indexer.backfill.post_links import to_ledger
from indexer.crawl.assemble import Items, assemble, is_same_text, refresh, stored_item
from indexer.crawl.decide import asks_for_no_snippet, is_bare, is_excluded, is_kept
from indexer.crawl.forget import Forgotten
from indexer.crawl.unit_of_work import Holdings
from indexer.documents.read_page import ExtractedArticle
from indexer.extract.links import Link
from indexer.ledger.ledger import now_text
from indexer.ledger.schedule import is_gone, is_gone_for_good, schedule
from indexer.records import (
    FetchError,
    NotModified,
    Outcome,
    Page,
    PageRecord,
    Result,
    State,
    Validators,
)
from indexer.sources.archived_copies import archived_copy, is_dead, says_dead
from indexer.text.urls import identity_of, shared_page
from search.errors import BlogsearchError
from search.types import Article

GOOD = (
    "article",
    "unchanged",
    "excluded",
)  # nothing more is to be had from such an address now
# Where neither page nor feed gave a text.
NOTHING = ExtractedArticle()


@dataclass(frozen=True, slots=True)
class Task:
    """An article to fetch at ``url``. ``spellings`` are all addresses of its identity
    that were ever listed, ``others`` those still in use besides ``url``, to be tried
    where that gives no page; ``seen`` is of the page that holds the post with others,
    as it was last had for any of them."""

    url: str
    items: Items
    item_hash: str
    known: PageRecord | None
    page: Page | None = None
    spellings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    seen: Validators | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task."""

    task: Task
    reading: ExtractedArticle | None = None
    page: Page | NotModified | None = None
    error: BlogsearchError | None = None
    links: Sequence[Link] = ()
    copy: str = ""  # the archived copy that was read in the page's place
    shared: Page | None = None  # the page of several posts that was asked for this one
    size: int = 0  # bytes of the page

    def without_bytes(self) -> Done:
        """The same without its pages' bodies, of which dozens may wait to be taken
        in."""
        page, size = self.page, self.size
        if isinstance(page, Page):
            page, size = replace(page, body=b""), len(page.body)
        shared = replace(self.shared, body=b"") if self.shared else None
        return replace(self, page=page, shared=shared, size=size)


class Intake:
    """Takes results in, one after another; they are durable with the holdings' next
    commit."""

    def __init__(
        self, holdings: Holdings, forgotten: Forgotten, clock: Callable[[], datetime]
    ) -> None:
        self._holdings = holdings
        self._forgotten = forgotten
        self._clock = clock

    def take(self, done: Done) -> Outcome:
        """Bring one page's result into the index, and say how it ended."""
        task, known, reading, holdings = (
            done.task,
            done.task.known,
            done.reading,
            self._holdings,
        )
        if done.links:
            holdings.note_links(task.url, to_ledger(done.links))
        if done.shared:
            page = PageRecord(
                shared_page(task.url), "good", validators=asdict(done.shared.validators)
            )
            holdings.note(page)
        held = holdings.article(known.article) if known else None
        if is_excluded(done.page, reading):
            self._let_go(task, None)
            return self._note(done, "excluded", None)
        if known is not None and is_gone(known, done.error) and not done.copy:
            return self._take_gone(done, known, held)
        if (
            isinstance(done.page, NotModified) and held is None
        ):  # kept out on its request, or lost since
            return self._note(
                done, "failed" if known and known.article else "excluded", None
            )
        keep = is_kept(held, known, reading=reading, page=done.page, error=done.error)
        article = self._with_all_sources(
            task,
            lambda items: (
                refresh(held, items) if held and keep else _made(done, items, held)
            ),
        )
        if reason := self._forgotten.reason([article.url]):
            self._let_go(task, None)
            return self._note(done, "excluded", None, state="forgotten", reason=reason)
        is_nothing = done.error is not None and not article.blocks
        if (
            held is None
            and is_nothing
            and (is_bare(task.items) or stored_item(task.items))
        ):
            return self._note(done, "failed", None)
        article = self._placed(_marked(article, done), task)
        alike = holdings.alike(article.url)
        changed = holdings.put(article)
        if alike and alike != article.url:
            holdings.rename(alike, article.url)
        self._let_go(task, article.url)
        whole = article.evidence == "article"
        return self._note(
            done, "unchanged" if whole and not changed else article.evidence, article
        )

    def _with_all_sources(
        self, task: Task, make: Callable[[Items], Article]
    ) -> Article:
        """An article that is listed under several addresses has what the sources say of
        each."""
        article = make(task.items)
        there = self._holdings.alike(article.url) or article.url
        others = self._holdings.leading_to(there, besides=task.spellings)
        if not others:
            return article
        return make([*task.items, *self._holdings.said_of(others)])

    def _placed(self, article: Article, task: Task) -> Article:
        """The article as it is to be held where others lead to it as well: under one of
        its spellings, https before http; with the text of the page at its own address;
        and under the address that was asked where its claim to be another's is refuted
        by the text."""
        there = self._holdings.article(self._holdings.alike(article.url))
        others = (
            self._holdings.leading_to(there.url, besides=task.spellings)
            if there
            else []
        )
        if there is None or not others:
            return article
        if there.evidence == "article" != article.evidence:
            return replace(there, notes=article.notes)
        key = identity_of(article.url)
        if identity_of(task.url) != key:
            is_its_own = task.known is not None and task.known.article == there.url
            if not is_its_own and not is_same_text(there, article):
                return self._with_all_sources(
                    task, lambda items: replace(article, url=task.url)
                )
            records = (
                self._holdings.record(url) for url in others if identity_of(url) == key
            )
            if any(record is not None and record.state == "good" for record in records):
                return replace(there, notes=article.notes)
        secure = article.url.startswith("https:") and not there.url.startswith("https:")
        return article if secure else replace(article, url=there.url)

    def _let_go(self, task: Task, article: str | None) -> None:
        """The addresses of this task lead to no other article than this any longer."""
        records = [
            record for url in task.spellings if (record := self._holdings.record(url))
        ]
        for old in {
            record.article
            for record in (*records, *([task.known] if task.known else []))
        }:
            if old and old != article:
                self._holdings.drop(old, besides=task.spellings)

    def _take_gone(
        self, done: Done, known: PageRecord, held: Article | None
    ) -> Outcome:
        """A page that was had answers 410, or 404 a second time a day or more after the
        first: its article leaves, except for the notes of those who link to it."""
        task, holdings = done.task, self._holdings
        if held is not None and not is_gone_for_good(known, done.error, self._clock()):
            return self._note(done, "unchanged", held, state="gone")
        others = holdings.leading_to(held.url, besides=task.spellings) if held else []
        if held is not None and others:
            article = refresh(held, [*task.items, *holdings.said_of(others)])
            holdings.put(article)
            return self._note(done, "unchanged", article, state="gone")
        article = _marked(assemble(task.url, task.items, NOTHING), done)
        self._let_go(task, None)
        if not article.notes:
            return self._note(done, "failed", None, state="gone")
        holdings.put(article)
        return self._note(done, article.evidence, article)

    def _note(
        self,
        done: Done,
        result: Result,
        article: Article | None,
        *,
        state: State | None = None,
        reason: str = "",
    ) -> Outcome:
        """Write down how a page fared, for the ledger and for the closing table."""
        task, known, error = done.task, done.task.known, done.error
        stored = stored_item(task.items)
        reason = reason or (
            str(error)
            if error
            else ""
            if result in GOOD
            else "the page holds no whole article"
        )
        reason = reason or (stored.remark if stored else "")
        had = known.validators if article and known else {}
        record = PageRecord(
            url=task.url,
            state=state
            or ("good" if result in GOOD else "failed" if error else "partial"),
            article=article.url if article else "",
            item_hash=task.item_hash,
            reason=reason,
            validators=asdict(done.page.validators) if done.page else had,
            size=done.size
            if isinstance(done.page, Page)
            else known.size
            if known
            else 0,
            moved=done.page.moved_to if done.page else "",
            dead=_dead_since(done, self._clock()),
            copy=done.copy,
            away=error.seen.last_modified if isinstance(error, FetchError) else "",
        )
        if (
            result == "unchanged" and error and known and not state
        ):  # what is held is as good as it was
            record = replace(record, state=known.state, reason=known.reason)
        permanent = not (isinstance(error, FetchError) and not error.permanent)
        asked = error.retry_after if isinstance(error, FetchError) else None
        now = self._clock()
        record = schedule(record, known, now, permanent=permanent, retry_after=asked)
        if (
            stored and record.state == "good"
        ):  # a file is looked at in each run, and read only if it changed
            record = replace(record, due="")
        if (
            known
            and known.state == record.state == "gone"
            and known.due > now_text(now)
        ):
            # it counts on another day only
            record = replace(record, due=known.due, attempts=known.attempts)
        for url in task.spellings:
            self._holdings.note(replace(record, url=url))
        return Outcome(task.url, result, reason)


def _marked(article: Article, done: Done) -> Article:
    """The article as that of a dead link, if it is one that somebody noted."""
    known, error = done.task.known, done.error
    if known is None or not article.notes or not is_dead(known, error):
        # nothing is known of it but what was
        stays = error is not None and not says_dead(error)
        return article if stays else replace(article, dead_since=None, archived="")
    return replace(
        article,
        dead_since=date.fromisoformat(known.dead),
        archived=archived_copy(done.task.items),
    )


def _dead_since(done: Done, now: datetime) -> str:
    known = done.task.known
    if done.error is not None and not says_dead(done.error):
        return known.dead if known else ""
    return (
        ((known.dead if known else "") or now.date().isoformat()) if done.error else ""
    )


def _made(done: Done, items: Items, held: Article | None) -> Article:
    """The article from what was read; a wish for no snippet is remembered where the
    page can't be had."""
    article = assemble(done.task.url, items, done.reading or NOTHING)
    remembered = not isinstance(done.page, Page) and held is not None and held.nosnippet
    return replace(
        article, nosnippet=remembered or asks_for_no_snippet(done.page, done.reading)
    )
