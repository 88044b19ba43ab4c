"""Which articles of an index are asked about, by what, and what is held out of them for
it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from indexer.evaluation.heldout import (
    Unusable,
    about,
    about_section,
    heading_key,
    sections,
    without,
)
from indexer.evaluation.questions import Question
from indexer.extract.article import extract_fragment
from indexer.ledger.ledger import Ledger
from indexer.records import Item, Progress, SourceRecord
from indexer.runtime.parser_pool import ParseError, Workers
from search.ports import Snapshot
from search.types import Article

KINDS = ("summary", "note", "heading")

Asked = tuple[Question, frozenset[int]]


@dataclass(slots=True)
class Collected:
    """Questions made of the archive's own words; the articles as they are to be indexed
    meanwhile.

    ``skipped`` counts what was looked at and not used, by kind and reason.
    """

    questions: list[Question] = field(default_factory=list)
    held_out: list[Article] = field(default_factory=list)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)


class Collector:
    """Goes through an index's articles until there are enough questions of each kind.

    The order is that of the addresses' hashes: spread evenly over sites and years, the
    same in every run, and nearly the same when the archive has grown.
    """

    def __init__(
        self, index: Snapshot, ledger: Ledger | None, workers: Workers
    ) -> None:
        self._index = index
        self._ledger = ledger
        self._workers = workers

    def collect(self, most: int, progress: Progress) -> Collected:
        """At most ``most`` questions of each kind."""
        found = Collected()
        count: Counter[str] = Counter()
        held = [
            url
            for url, evidence in self._index.evidence().items()
            if evidence == "article"
        ]
        urls = sorted(
            held,
            key=lambda url: hashlib.sha256(
                url.encode("utf-8", "surrogatepass")
            ).digest(),
        )
        common = self._common_headings(urls)
        progress.begin("pairs", len(urls))
        try:
            for url in urls:
                progress.advance(url)
                wanted = [kind for kind in KINDS if count[kind] < most]
                article = self._index.article(url) if wanted else None
                if article is None:
                    continue
                made = list(self._ask_about(article, wanted, common, found.skipped))
                count.update(question.kind for question, _ in made)
                if made:
                    out = frozenset[int]().union(*(places for _, places in made))
                    notes = any(question.kind == "note" for question, _ in made)
                    found.questions += [question for question, _ in made]
                    found.held_out.append(without(article, out, notes=notes))
        finally:
            progress.end()
        return found

    def _ask_about(
        self,
        article: Article,
        wanted: Collection[str],
        common: Collection[str],
        skipped: Counter[tuple[str, str]],
    ) -> Iterator[Asked]:
        """The questions about one article, each with the places that are held out for
        it."""
        said = self._said_of(article.url)
        out: set[int] = set()
        for kind in wanted:
            try:
                if kind == "heading":
                    if (
                        article.nosnippet
                    ):  # no passage of it is shown, so none can answer
                        continue
                    source = _name(said[0][1]) if said else article.site
                    asked = about_section(
                        article, common=common, out=out, source=source
                    )
                else:
                    text, source = (
                        self._summary(article, said)
                        if kind == "summary"
                        else _note(article, said)
                    )
                    if not text:
                        continue
                    asked = about(
                        article, text, kind=kind, source=source or article.site
                    )
            except Unusable as reason:
                skipped[kind, str(reason)] += 1
                continue
            out |= asked[1]
            yield asked

    def _summary(
        self, article: Article, said: Sequence[tuple[Item, SourceRecord]]
    ) -> tuple[str, str]:
        """What a feed says of the article in short, and the feed; "" where it says
        nothing."""
        for item, source in said:
            if source.kind != "feed" or not item.content.strip():
                continue
            if len(item.content) > len(article.text):
                raise Unusable("is as good as the whole article")
            try:
                blocks = self._workers.run(extract_fragment, item.content, item.url)
            except ParseError:
                raise Unusable("can't be read") from None
            return " ".join(block.text for block in blocks), _name(source)
        return "", ""

    def _said_of(self, url: str) -> list[tuple[Item, SourceRecord]]:
        if self._ledger is None:
            return []
        urls = dict.fromkeys([url, *self._ledger.urls_of_article(url)])
        return [pair for listed in urls for pair in self._ledger.items_of_url(listed)]

    def _common_headings(self, urls: Sequence[str]) -> set[str]:
        """Headings over more than one article: they tell none apart."""
        seen: Counter[str] = Counter()
        for url in urls:
            if article := self._index.article(url):
                seen.update(
                    {
                        heading_key(article.blocks[section.heading])
                        for section in sections(article)
                    }
                )
        return {key for key, count in seen.items() if count > 1}


def _note(
    article: Article, said: Sequence[tuple[Item, SourceRecord]]
) -> tuple[str, str]:
    """The longest note beside a link to the article, and the page that it stands on."""
    note = max(article.notes, key=lambda n: len(n.text), default=None)
    if note is None:
        return "", ""
    names = {source.url: _name(source) for _, source in said}
    return note.text, names.get(note.page, note.page)


def _name(source: SourceRecord) -> str:
    return source.title or source.url
