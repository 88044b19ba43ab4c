"""The types that cross package borders: plain, frozen, checked when made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from urllib.parse import urlsplit

BlockKind = Literal["heading", "paragraph", "item", "quote", "code", "table", "math"]
Evidence = Literal["article", "summary", "link"]
Sort = Literal["relevance", "newest"]
Held = Literal["summary", "link", "nothing"]
ArchiveSearch = Literal["none", "open", "over", "whole"]


@dataclass(frozen=True, slots=True)
class Block:
    """One structural piece of an article, in reading order.

    ``text`` is plain text: no markup, no escapes. Inline TeX stays as it was written
    (``$a_t$``), code keeps its line breaks and indentation, the cells of a table row
    are parted by " | " and its rows by line breaks. ``level`` is 1 to 6 for a heading,
    the depth (from 1) for a list item and 0 otherwise. ``anchor`` is the id that opens
    the page at a heading, "" where there is none; each block of a PDF file has its page
    as ``page=3``.
    """

    kind: BlockKind
    text: str
    level: int = 0
    anchor: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(BlockKind):
            raise ValueError(f"unknown kind of block: {self.kind!r}")
        if not self.text.strip():
            raise ValueError("a block must hold text")
        if self.kind == "heading" and not 1 <= self.level <= 6:
            raise ValueError(f"a heading's level is 1 to 6, not {self.level}")


@dataclass(frozen=True, slots=True)
class Note:
    """The words beside a link on a link page, their place and their date."""

    text: str
    anchor_text: str = ""
    section: str = ""
    noted: date | None = None
    page: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it is stored: metadata, blocks in reading order, notes that link
    to it.

    ``url`` is the canonical address and the identity. ``evidence`` says what the blocks
    are: "article" the whole text, "summary" only what the feed gave, "link" nothing but
    the notes. ``nosnippet``: the page asks that none of its text be shown; it is found
    by it all the same. ``dead_since``: the day since when there is no such page, for
    links that somebody noted; then ``archived`` is the copy in a web archive that the
    note names, which the blocks are of.
    """

    url: str
    title: str
    site: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    evidence: Evidence = "article"
    blocks: tuple[Block, ...] = ()
    notes: tuple[Note, ...] = ()
    nosnippet: bool = False
    dead_since: date | None = None
    archived: str = ""

    def __post_init__(self) -> None:
        if not self.url:
            raise ValueError("an article must have an address")
        if self.published is not None and self.published.year < 1970:
            raise ValueError(f"no blog was published in the year {self.published.year}")
        if self.evidence not in get_args(Evidence):
            raise ValueError(f"unknown evidence: {self.evidence!r}")

    @property
    def host(self) -> str:
        """The host of the address, in lower case."""
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def dated(self) -> str:
        """The ISO date for filters and order, "" where unknown: the day of publication,
        else that of the newest note."""
        if self.published:
            return self.published.isoformat()
        noted = [note.noted.isoformat() for note in self.notes if note.noted]
        return max(noted, default="")

    @property
    def text(self) -> str:
        """The blocks as one plain text, a blank line between them."""
        return "\n\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article that fits the model's window together with its context.

    ``heading`` is the path of headings above the text, outermost first. ``anchor`` is
    the id of the nearest heading, or a PDF file's page. ``fragment`` is a run of words
    that begins the passage and stands only once in the article (for ``#:~:text=``), ""
    where there is none.
    """

    text: str
    heading: tuple[str, ...] = ()
    anchor: str = ""
    fragment: str = ""
    is_note: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a passage must hold text")

    def context(self, title: str) -> str:
        """Title and heading path on one line: what is embedded and indexed before the
        text."""
        parts = [title, *(h for h in self.heading if h != title)]
        return " › ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that narrow the search before ranking; empty fields narrow nothing.

    ``site`` is compared with host and site name, ``author`` with a part of the author's
    name, both without regard to case. ``after`` and ``before`` are the first and the
    last day that count, by publication date (or the date of the link page's entry where
    that is unknown). ``language`` is an ISO 639-1 code, ``evidence`` what there is of
    an article.
    """

    site: str = ""
    author: str = ""
    after: date | None = None
    before: date | None = None
    language: str = ""
    evidence: Evidence | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Characters ``start`` up to, not including, ``end`` of a shown text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}–{self.end}")


@dataclass(frozen=True, slots=True)
class HitPassage:
    """A passage, or neighbouring ones, as it is shown: ``url`` opens the article at it;
    ``score`` is 0 to 1.

    ``answer`` is the sentence that is nearest to the question, None where there is but
    one.
    """

    text: str
    heading: str
    url: str
    highlights: tuple[Highlight, ...]
    score: float
    answer: Highlight | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One text found, its best passages inside, best first; ``score`` is 0 to 1: of a
    search the chance that this is what was asked for, of related texts the nearness.

    ``also_at``: the other addresses under which the same text is stored, that of the
    first one first. ``dead_since`` and ``archived`` are Article's.
    """

    url: str
    title: str
    site: str
    author: str
    published: date | None
    score: float
    evidence: Evidence
    note: Note | None
    passages: tuple[HitPassage, ...]
    also_at: tuple[str, ...] = ()
    dead_since: date | None = None
    archived: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """The number of articles found of each year, oldest first, and of each site,
    author, language (ISO 639-1) and kind of evidence, most articles first."""

    years: tuple[tuple[int, int], ...] = ()
    sites: tuple[tuple[str, int], ...] = ()
    authors: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    evidence: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Nearby:
    """The articles nearest to a text, or to the article ``title`` at ``url``;
    ``took_ms`` is milliseconds."""

    took_ms: float
    hits: tuple[Hit, ...]
    url: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to one question; ``total`` counts texts, as ``facets`` do, ``took_ms``
    is milliseconds.

    ``corrected`` is the question that was answered in place of ``query``, None where
    that was.
    """

    query: str
    took_ms: float
    total: int
    confident: bool
    hits: tuple[Hit, ...]
    corrected: str | None = None
    facets: Facets = Facets()  # frozen


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The numbers of an index: its sites with the number of their articles, most
    articles first, and the years of those, newest first; ``updated`` is the time of the
    last commit, ISO 8601 in UTC."""

    articles: int
    passages: int
    sites: tuple[tuple[str, int], ...]
    years: tuple[int, ...]
    updated: str
    model: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A taste of an index: its newest articles, without blocks, and questions that it
    can be asked."""

    newest: tuple[Article, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotWhole:
    """An address that a source leads to and that isn't stored in full: what there is of
    it, and the reason."""

    url: str
    title: str
    held: Held
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage report of one source: ``known`` = article + summary + link + missing + same.

    ``shown`` is how many items the source showed when it was last read, None where that
    wasn't counted yet. ``found`` says how many posts more each way of searching its
    archive gave; ``search`` whether that search hasn't been made ("none"), is to go on
    ("open"), is "over", or has found a list that says it is the "whole". ``same``
    counts further addresses of articles that are counted already, ``missing`` what is
    not held at all. ``not_whole`` are, in the source's order, those of summary, link
    and missing.
    """

    source: str
    kind: str
    title: str = ""
    error: str = ""  # why it could not be read the last time
    shown: int | None = None
    found: tuple[tuple[str, int], ...] = ()
    search: ArchiveSearch = "none"
    known: int = 0
    article: int = 0
    summary: int = 0
    link: int = 0
    missing: int = 0
    same: int = 0
    not_whole: tuple[NotWhole, ...] = ()

    def __post_init__(self) -> None:
        if (
            self.known
            != self.article + self.summary + self.link + self.missing + self.same
        ):
            raise ValueError(f"the coverage report of {self.source} doesn't add up")
