"""Questions that an archive itself answers: made of what is said beside its articles."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from indexer.evaluation.heldout import (
    HeldOutQuestion,
    UnusableText,
    headed_sections,
    heading_key,
    question_of_heading,
    question_of_text,
    without_blocks,
)
from indexer.evaluation.questions import JudgedQuestion
from indexer.extract.article import extract_fragment
from indexer.ledger.ledger import Ledger
from indexer.records import Item, Progress, SourceRecord
from indexer.runtime.parser_pool import ParseError, Workers
from search.snapshot_port import Snapshot
from search.types import Article

KINDS = ("summary", "note", "heading")

Sayings = Sequence[tuple[Item, SourceRecord]]  # what sources say of an article


@dataclass(slots=True)
class CollectedQuestions:
    """Questions, and the articles as they are to be indexed meanwhile.

    ``skipped`` counts what was looked at and not used, by kind and reason.
    """

    questions: list[JudgedQuestion] = field(default_factory=list)
    held_out: list[Article] = field(default_factory=list)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, kind: str) -> int:
        """Return the number of questions of a kind."""
        return sum(question.kind == kind for question in self.questions)


class QuestionCollector:
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

    def collect(self, most: int, progress: Progress) -> CollectedQuestions:
        """Collect at most ``most`` questions of each kind."""
        found = CollectedQuestions()
        evidence = self._index.evidence()
        urls = [url for url, kind in evidence.items() if kind == "article"]
        # Of these alone the index has the text that a question can be about.
        urls.sort(key=_hash)
        common = self._common_headings(urls)
        progress.begin("pairs", len(urls))
        try:
            for url in urls:
                progress.advance(url)
                wanted = [kind for kind in KINDS if found.count(kind) < most]
                article = None
                if wanted:
                    article = self._index.article(url)
                if article is not None:
                    self._add(article, wanted, common=common, found=found)
        finally:
            progress.end()
        return found

    def _add(
        self,
        article: Article,
        wanted: Collection[str],
        *,
        common: Collection[str],
        found: CollectedQuestions,
    ) -> None:
        """Add the questions about one article, and the article without them."""
        said = self._said_of(article.url)
        out: set[int] = set()  # places of blocks
        made: list[JudgedQuestion] = []
        for kind in wanted:
            try:
                asked = self._ask(article, kind, said=said, common=common, out=out)
            except UnusableText as reason:
                found.skipped[kind, str(reason)] += 1
                continue
            if asked is not None:
                made.append(asked.question)
                out |= asked.blocks
        if made:
            notes = any(question.kind == "note" for question in made)
            found.questions += made
            found.held_out.append(without_blocks(article, out, notes=notes))

    def _ask(
        self,
        article: Article,
        kind: str,
        *,
        said: Sayings,
        common: Collection[str],
        out: Collection[int],
    ) -> HeldOutQuestion | None:
        """Return a question of this kind, None where the article has nothing for it."""
        # A heading is asked with the source that lists the article first.
        if kind == "heading":
            if article.nosnippet:  # no passage of it is shown, so none can answer
                return None
            if said:
                source = _source_name(said[0][1])
            else:
                source = article.site
            return question_of_heading(article, common=common, out=out, source=source)
        if kind == "summary":
            text, source = self._summary(article, said)
        else:
            text, source = _longest_note(article, said)
        if not text:
            return None
        source = source or article.site
        return question_of_text(article, text, kind=kind, source=source)

    def _summary(self, article: Article, said: Sayings) -> tuple[str, str]:
        """Return what a feed says of the article in short, and the feed's name."""
        # Two empty texts where none says anything. Raises UnusableText.
        feeds = [pair for pair in said if pair[1].kind == "feed"]
        for item, source in feeds:
            if not item.content.strip():
                continue
            # Tested before it is parsed: most feeds give the whole article.
            if len(item.content) > len(article.text):
                raise UnusableText("is as good as the whole article")
            try:
                blocks = self._workers.run(extract_fragment, item.content, item.url)
            except ParseError:
                raise UnusableText("can't be read") from None
            return " ".join(block.text for block in blocks), _source_name(source)
        return "", ""

    def _said_of(self, url: str) -> list[tuple[Item, SourceRecord]]:
        if self._ledger is None:
            return []
        said: list[tuple[Item, SourceRecord]] = []
        # Sources may list the article under other addresses than its own.
        for listed in dict.fromkeys([url, *self._ledger.urls_of_article(url)]):
            said += self._ledger.items_of_url(listed)
        return said

    def _common_headings(self, urls: Sequence[str]) -> set[str]:
        """Return the keys of headings over more than one article."""
        # They tell none apart.
        seen: Counter[str] = Counter()
        for url in urls:
            article = self._index.article(url)
            if article is not None:
                seen.update(set(_heading_keys(article)))
        return {key for key, count in seen.items() if count > 1}


def _heading_keys(article: Article) -> Iterator[str]:
    for section in headed_sections(article):
        yield heading_key(article.blocks[section.heading])


def _longest_note(article: Article, said: Sayings) -> tuple[str, str]:
    """Return the longest note beside a link to the article, and its page's name."""
    if not article.notes:
        return "", ""
    # A longer note says more of the article, and less of the page it is on.
    note = max(article.notes, key=lambda note: len(note.text))
    # A link page that is followed no longer has no record, but its address.
    names = {source.url: _source_name(source) for _, source in said}
    return note.text, names.get(note.page, note.page)


def _source_name(source: SourceRecord) -> str:
    return source.title or source.url


def _hash(url: str) -> bytes:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()
