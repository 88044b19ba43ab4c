"""The types that cross package borders: plain, frozen, checked when made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Literal, get_args
from urllib.parse import urlsplit

BlockKind = Literal[
    "heading", "paragraph", "item", "quote", "code", "table", "math", "caption"
]
BLOCK_BREAK = "\n\n"  # between two blocks of Article.text
# Asked for each block of each article that is read.
_BLOCK_KINDS = frozenset(get_args(BlockKind))
Evidence = Literal["article", "summary", "link"]
Sort = Literal["relevance", "newest"]


@dataclass(frozen=True, slots=True)
class Block:
    """One structural piece of an article, in reading order.

    ``text`` is plain text: no markup, no escapes. Inline TeX stays as it was written
    (``$a_t$``), code keeps its line breaks and indentation, the cells of a table row
    are parted by " | " and its rows by line breaks. ``level`` is 1 to 6 for a heading,
    the depth (from 1) for a list item and 0 otherwise. ``anchor`` is the id that opens
    the page at a heading, "" where there is none; each block of a PDF file has its page
    as ``page=3``. Before it and a # may stand the address of another document on the
    article's host, as a paper's. ``number`` is that of an item of an ordered list, 0 otherwise.
    """

    kind: BlockKind
    text: str
    level: int = 0
    anchor: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _BLOCK_KINDS:
            raise ValueError(f"unknown kind of block: {self.kind!r}")
        if not self.text or self.text.isspace():
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
    note names, which the blocks are of. ``tags`` are its own, ``collections`` those
    that its sources are in: names as search/text/tags.py has them.
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
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

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
        return BLOCK_BREAK.join(block.text for block in self.blocks)

    @property
    def block_starts(self) -> list[int]:
        """The place in ``text`` at which each block begins."""
        lengths = (len(block.text) + len(BLOCK_BREAK) for block in self.blocks)
        return list(accumulate(lengths, initial=0))[:-1]


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
    an article. It has all ``tags`` and none ``without_tags``, and is in the
    ``collection``: whole names, without regard to case and accents.
    """

    site: str = ""
    author: str = ""
    after: date | None = None
    before: date | None = None
    language: str = ""
    evidence: Evidence | Literal[""] = ""
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Characters ``start`` up to, not including, ``end`` of a shown text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}–{self.end}")


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """Characters ``start`` up to, not including, ``end`` of a shown text that are a
    block or a part of one; ``kind``, ``level`` and ``number`` are Block's."""

    start: int
    end: int
    kind: BlockKind
    level: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class HitPassage:
    """The words of an article that are shown: whole sentences or blocks, about 600
    characters at most.

    ``url`` opens the article at the answer, ``heading`` is the path of headings above
    the text, ``score`` is 0 to 1. ``answer`` is what answers the question in ``text``,
    None where no part of it stands out. ``blocks`` cover the text in order. ``start``
    is where it begins in Article.text, -1 where it is not of that, as a note.
    """

    text: str
    heading: str
    url: str
    highlights: tuple[Highlight, ...]
    score: float
    answer: Highlight | None = None
    blocks: tuple[ShownBlock, ...] = ()
    start: int = -1


@dataclass(frozen=True, slots=True)
class Hit:
    """One text found, its best passages inside, best first; ``score`` is 0 to 1: of a
    search the chance that this is what was asked for, of related texts the nearness.

    ``also_at``: the other addresses under which the same text is stored, that of the
    first one first. What comes after them is Article's.
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
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facets:
    """The number of articles found of each year, oldest first, and of each site,
    author, language (ISO 639-1), kind of evidence, tag and collection, most articles
    first; of tags the commonest."""

    years: tuple[tuple[int, int], ...] = ()
    sites: tuple[tuple[str, int], ...] = ()
    authors: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    evidence: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()
    collections: tuple[tuple[str, int], ...] = ()


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
    """The reply to one question; ``took_ms`` is milliseconds.

    ``total`` counts the texts that answer, as ``facets`` do, ``weaker`` those found
    besides: ``hits`` go on with them. ``corrected`` is the question that was answered
    in place of ``query``, None where that was; ``suggested`` is another one that may be
    meant, and was not asked. ``generation`` is that of the index, which grows with each
    change: a replica may be behind.
    """

    query: str
    took_ms: float
    total: int
    confident: bool
    hits: tuple[Hit, ...]
    corrected: str | None = None
    facets: Facets = Facets()  # frozen
    weaker: int = 0
    suggested: str | None = None
    generation: int = 0


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
    """A taste of an index: its newest articles, without blocks, questions that it can
    be asked, and the addresses and titles of its link pages."""

    newest: tuple[Article, ...] = ()
    questions: tuple[str, ...] = ()
    link_pages: tuple[tuple[str, str], ...] = ()
