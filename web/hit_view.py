"""One article of the results, as the page's template sets it out.

Holds no markup: the template escapes every text by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from search.states import STATE_WORDS
from search.text.languages import language_by_script
from search.types import Article, Evidence, Highlight, Hit, HitPassage, Note
from web.article_view import (
    NoteView,
    host_of,
    is_read_here,
    note_view,
    opening_address,
    reader_link,
    short_address,
)
from web.block_view import BlockView, block_views
from web.security import followable

ALSO_AT = 5  # further addresses of one text that are named
# Characters before the answer that a short quote keeps: about half a line, less than
# one would miss.
LEAD = 40


@dataclass(frozen=True, slots=True)
class PassageView:
    """A quote; ``begins_within`` is true where its beginning is left out.

    ``heading`` and ``link`` are "" where they say no more than the title and its link.
    """

    heading: str
    link: str
    blocks: tuple[BlockView, ...]
    begins_within: bool = False


@dataclass(frozen=True, slots=True)
class AddressLink:
    """Another address of the same text; ``link`` is "" where no click may lead."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class HitView:
    """One article of the results; ``link`` opens it at the first of its ``passages``,
    ``reader`` its stored text there ("" where nothing may be shown).

    ``related`` is the address to compare others with, "" where no click leads to it.
    ``badge`` is "" for whole articles. ``more_addresses`` counts those that ``also_at``
    leaves out.
    """

    title: str
    title_language: str
    link: str
    reader: str
    site: str
    author: str
    published: date | None
    badge: str
    note: NoteView | None
    passages: tuple[PassageView, ...]
    also_at: tuple[AddressLink, ...]
    more_addresses: int
    dead_since: date | None
    archived: str
    related: str
    is_short: bool


@dataclass(frozen=True, slots=True)
class PageContext:
    """The things that all results of a page share.

    ``names`` are the titles of link pages by address, ``asked`` the parameters that
    lead back here. With ``answers`` the sentences that answer are marked.
    """

    names: Mapping[str, str]
    asked: Mapping[str, str]
    answers: bool = True


def hit_view(hit: Hit, page: PageContext, *, short: bool = False) -> HitView:
    """Set out one article; a ``short`` one has one quote, from the answer on."""
    title = hit.title.strip() or hit.url
    shown = hit.passages
    if short:
        shown = shown[:1]
    note = None
    if hit.note:
        note = _note_view(hit.note, hit, page.names)
    related = ""
    if opening_address(hit.url):
        related = hit.url
    reader = _reader(hit, page.asked)
    return HitView(
        title=title,
        title_language=language_by_script(title),
        link=_link(hit, reader),
        reader=reader,
        site=hit.site or host_of(hit.url),
        author=hit.author,
        published=hit.published,
        badge=_badge(hit.evidence),
        note=note,
        passages=tuple(
            _passage_view(passage, hit, page, short=short) for passage in shown
        ),
        also_at=tuple(
            AddressLink(short_address(url), opening_address(url))
            for url in hit.also_at[:ALSO_AT]
        ),
        more_addresses=max(0, len(hit.also_at) - ALSO_AT),
        dead_since=hit.dead_since,
        archived=followable(hit.archived),
        related=related,
        is_short=short,
    )


@dataclass(frozen=True, slots=True)
class PostView:
    """An article in a list of posts, without any of its words."""

    title: str
    title_language: str
    link: str
    site: str
    published: date | None
    badge: str


def post_view(article: Article) -> PostView:
    """Set out an article for a list of posts."""
    title = article.title.strip() or article.url
    return PostView(
        title=title,
        title_language=language_by_script(title),
        link=opening_address(article.url),
        site=article.site or host_of(article.url),
        published=article.published,
        badge=_badge(article.evidence),
    )


def _badge(evidence: Evidence) -> str:
    """Name what there is of an article; whole ones need no word."""
    if evidence == "article":
        return ""
    return STATE_WORDS[evidence]


def opening_link(hit: Hit, asked: Mapping[str, str]) -> str:
    """Give the address that opens an article at its answer, "" where no click may lead.

    ``asked`` are the parameters that lead back from an article that is read here.
    """
    return _link(hit, _reader(hit, asked))


def _reader(hit: Hit, asked: Mapping[str, str]) -> str:
    """Link to the stored text at the quote; a bare link has none, and some pages ask
    that none be shown."""
    if hit.evidence == "link" or not hit.passages:
        return ""
    return reader_link(hit.url, hit.passages[0], asked)


def _link(hit: Hit, reader: str) -> str:
    """Link to the answer, or to the article where no passage says more."""
    if is_read_here(hit.url):
        return reader or reader_link(hit.url)
    # What is gone can only be read here.
    if reader and hit.dead_since:
        return reader
    if hit.passages:
        return followable(hit.passages[0].url) or followable(hit.url)
    return followable(hit.url)


def _passage_link(passage: HitPassage, hit: Hit, asked: Mapping[str, str]) -> str:
    """Link to a passage, "" where that opens no other place than the title does."""
    if is_read_here(hit.url):
        return reader_link(hit.url, passage, asked)
    if passage.url == hit.url:
        return ""
    return followable(passage.url)


def _passage_view(
    passage: HitPassage, hit: Hit, page: PageContext, *, short: bool
) -> PassageView:
    heading = passage.heading.strip()
    section = ""
    if hit.note:
        section = hit.note.section.strip()
    if heading in (hit.title.strip(), section):
        heading = ""
    if short:
        heading = heading.rpartition(" › ")[2]  # it shares a line with the title
    shown = passage
    if short:
        shown = from_answer(passage)
    answer = None
    if page.answers:
        answer = shown.answer
    return PassageView(
        heading=heading,
        link=_passage_link(passage, hit, page.asked),
        blocks=tuple(block_views(shown.text, shown.blocks, shown.highlights, answer)),
        begins_within=shown is not passage,
    )


def from_answer(passage: HitPassage) -> HitPassage:
    """Return the passage from its answer on, where that does not stand near its
    beginning anyway."""
    if passage.answer is None or passage.answer.start <= LEAD:
        return passage
    start = passage.answer.start
    return replace(
        passage,
        text=passage.text[start:],
        start=passage.start + start if passage.start >= 0 else -1,
        blocks=tuple(
            replace(block, start=max(block.start - start, 0), end=block.end - start)
            for block in passage.blocks
            if block.end > start
        ),
        answer=_moved(passage.answer, start),
        highlights=tuple(
            _moved(span, start) for span in passage.highlights if span.end > start
        ),
    )


def _moved(span: Highlight, start: int) -> Highlight:
    return Highlight(max(span.start - start, 0), span.end - start)


def _note_view(note: Note, hit: Hit, names: Mapping[str, str]) -> NoteView:
    """Set out the note of a result, without words that a quote shows as well."""
    view = note_view(note, names, host=host_of(hit.url))
    return replace(view, text="") if _is_quoted(note.text, hit.passages) else view


def _is_quoted(text: str, passages: Iterable[HitPassage]) -> bool:
    words = " ".join(text.split())
    return any(words in " ".join(passage.text.split()) for passage in passages)
