"""An article as it is stored, as the reader page's template sets it out.

Holds no markup but that of formulas: the template escapes every text by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from urllib.parse import unquote, urlencode, urlsplit

from search.states import STATE_WORDS
from search.text.languages import language_by_script
from search.text.urls import placed_anchor
from search.types import Article, Block, Highlight, HitPassage, Note, ShownBlock
from web.block_view import BlockView, TextBlock, views_of
from web.files.kinds import PDF, content_type, is_local
from web.security import followable, followable_on_web
from web.text_view import RunCutter, TextRun, plain_date, plain_days

LEAST_CONTENTS = 3  # headings from which an article has a table of contents
MOST_NOTES = 20  # that are shown; a much-noted page has a handful
LOWEST_LEVEL = 6  # of HTML's headings
A_LINK_PAGE = "a link page"
_PAGE = re.compile(r"page=(\d{1,6})")
_PLACE = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents: the heading's runs, its id on the page, its depth."""

    runs: tuple[TextRun, ...]
    anchor: str
    depth: int
    language: str


@dataclass(frozen=True, slots=True)
class PageMark:
    """The place where a page of a PDF file begins; ``link`` opens the file there."""

    number: int
    link: str
    kind: str = "page"


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note of a link page: the page, the day or days, and the words.

    ``section`` is "" where it says no more than the days, ``text`` where it is shown
    elsewhere, ``link`` where no click may lead.
    """

    page: str
    link: str
    days: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class ArticleView:
    """The reader page of one article.

    ``original`` is "" where no click leads to it, ``state`` where the text is full.
    ``is_withheld`` where the page asks that its text be shown nowhere.
    """

    title: str
    title_language: str
    original: str
    address: str
    is_file: bool
    site: str
    author: str
    published: date | None
    language: str
    state: str
    dead_since: date | None
    archived: str
    is_withheld: bool
    contents: tuple[Entry, ...]
    blocks: tuple[BlockView | PageMark, ...]
    notes: tuple[NoteView, ...]


def reader_link(
    url: str,
    passage: HitPassage | None = None,
    question: Mapping[str, str] | None = None,
) -> str:
    """Link to the reader page of an article, at what a passage of it answers.

    ``question`` are the parameters of the search, which the page leads back to.
    """
    values = {"url": url}
    place = ""
    if passage is not None and passage.start >= 0:
        first, last = 0, len(passage.text)
        if passage.answer:
            first, last = passage.answer.start, passage.answer.end
        values["start"] = str(passage.start + first)
        values["end"] = str(passage.start + last)
        place = "#quote"
    asked = {name: value for name, value in (question or {}).items() if value}
    return f"article?{urlencode({**asked, **values})}{place}"


def is_read_here(url: str) -> bool:
    """Tell if this is a local article that is better read here: it has no marks of its
    own, is shown without its style, or is one of many in an export.

    A PDF file is not: it opens at the page.
    """
    return is_local(url) and content_type(url) != PDF


def opening_address(url: str) -> str:
    """Give the address that opens an article, "" where no click may lead."""
    if is_read_here(url):
        return reader_link(url)
    return followable(url)


def article_view(
    article: Article, args: Mapping[str, str], names: Mapping[str, str]
) -> ArticleView:
    """Set out an article, with the quote marked that the parameters name.

    ``names`` are the titles of link pages by their address.
    """
    title = article.title.strip() or article.url
    author = article.author
    if author == article.site:
        author = ""
    blocks: tuple[BlockView | PageMark, ...] = ()
    contents: tuple[Entry, ...] = ()
    state = ""
    if article.evidence != "article":
        state = STATE_WORDS[article.evidence]
    host = host_of(article.url)
    notes = [note_view(note, names, host=host) for note in article.notes]
    if not article.nosnippet:
        blocks = tuple(_blocks(article, _quote(args)))
        contents = tuple(_contents(blocks))
    return ArticleView(
        title=title,
        title_language=language_by_script(title),
        original=followable(article.url),
        address=short_address(article.url),
        is_file=is_local(article.url),
        site=article.site or article.host.removeprefix("www."),
        author=author,
        published=article.published,
        language=article.language,
        state=state,
        dead_since=article.dead_since,
        archived=followable(article.archived),
        is_withheld=article.nosnippet,
        contents=contents,
        blocks=blocks,
        notes=tuple(notes),
    )


def _quote(args: Mapping[str, str]) -> Highlight | None:
    """Read the place of the quote; None where none is named, or nonsense."""
    start, end = args.get("start", ""), args.get("end", "")
    if not (_PLACE.fullmatch(start) and _PLACE.fullmatch(end)):
        return None
    if int(start) >= int(end):
        return None
    return Highlight(int(start), int(end))


def _blocks(article: Article, quote: Highlight | None) -> list[BlockView | PageMark]:
    cutter = RunCutter(article.text, answer=quote)
    views: list[BlockView | PageMark] = []
    for anchor, group in groupby(_shown(article), key=lambda shown: shown[0]):
        document, within = placed_anchor(article.url, anchor)
        page = _PAGE.fullmatch(within)
        if page:
            link = followable(document)
            views.append(PageMark(int(page[1]), link and f"{link}#{within}"))
        views += views_of(cutter, (block for _, block in group))
    return list(_outlined(views))


def _shown(article: Article) -> Iterator[tuple[str, ShownBlock]]:
    """Yield the blocks of Article.text, each with the page that it is on, else ""."""
    starts = article.block_starts
    for number, (start, block) in enumerate(zip(starts, article.blocks, strict=True)):
        end = start + len(block.text)
        page = ""
        if _PAGE.fullmatch(placed_anchor(article.url, block.anchor)[1]):
            page = block.anchor
        if number or not _repeats_title(block, article.title):
            shown = ShownBlock(start, end, block.kind, block.level, block.number)
            yield page, shown


def _repeats_title(block: Block, title: str) -> bool:
    return block.kind == "heading" and block.text.split() == title.split()


def _outlined(views: Sequence[BlockView | PageMark]) -> Iterator[BlockView | PageMark]:
    """Yield the blocks, headings with an id and a level that skips none, from 2."""
    levels: list[int] = []
    for number, view in enumerate(views):
        if isinstance(view, TextBlock) and view.kind == "heading":
            while levels and levels[-1] >= view.level:
                levels.pop()
            levels.append(view.level)
            level = min(len(levels) + 1, LOWEST_LEVEL)
            yield replace(view, level=level, anchor=f"part-{number}")
        else:
            yield view


def _contents(views: Sequence[BlockView | PageMark]) -> list[Entry]:
    entries = [
        Entry(view.runs, view.anchor, view.level - 1, view.language)
        for view in views
        if isinstance(view, TextBlock) and view.anchor
    ]
    if len(entries) < LEAST_CONTENTS:
        return []
    return entries


def note_view(note: Note, names: Mapping[str, str], *, host: str) -> NoteView:
    """Set out a note; ``names`` are the titles of link pages by their address, ``host``
    is that of the article, which the bare words of a link don't tell."""
    section = note.section.strip()
    days = plain_days(section)
    if days or _names_the_day(section, note.noted):
        days, section = days or section, ""
    elif note.noted:
        days = plain_date(note.noted)
    text = note.text.strip() or note.anchor_text.strip()
    if text and host and text == note.anchor_text.strip():
        text = f"{text} ({host})"
    page = names.get(note.page, "").strip() or _page_name(note.page)
    # A link page on disk may hold more than its links: it is not handed over.
    return NoteView(page, followable_on_web(note.page), days, section, text)


def _names_the_day(section: str, noted: date | None) -> bool:
    """Tell if a section's heading is a date in words: it has the year of the note."""
    return noted is not None and str(noted.year) in section


def _page_name(address: str) -> str:
    """Name a page without a title: a file by its name, another by its host."""
    if not is_local(address):
        return host_of(address) or A_LINK_PAGE
    return unquote(address.rpartition("/")[2]) or A_LINK_PAGE


def host_of(url: str) -> str:
    """Name the host of an address, "" where no click may lead there."""
    if not followable(url):
        return ""
    return urlsplit(url).netloc.removeprefix("www.")


def short_address(url: str) -> str:
    """Shorten an address to how it is read out: host and path, of a file the name."""
    if is_local(url):
        # Its folder is nobody's business.
        path, mark, post = url.partition("?")
        return unquote(path.rpartition("/")[2]) + mark + post
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
