"""The lines of a page of links while it is read, and the notes beside their links.

Must not know how a page is walked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from indexer.text.dates import find_date, find_year, is_only_date

# Characters; of a longer line only the sentences around the link are the note.
LONGEST_NOTE = 1_200
_LONGEST_HEADING = 300  # characters
_LONGEST_DATE_LINE = 200  # characters, white space among them
_BARE_URL = re.compile(r"https?://[^\s<>\"'`]{3,2000}", re.IGNORECASE)
_AFTER_URL = ".,;:!?…*_~'\"”’»"  # punctuation of the sentence around an address
# "(see https://host/a_(b))": a closing bracket is the address's if it opened it.
_OPENING = {")": "(", "]": "["}
# A mark and white space before a capital letter; CJK marks need no space.
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])[\"'”’)\]]{0,2}\s{1,9}(?=[\"'“‘(\[]?[^\Wa-z\d_])|(?<=[。！？])"
)
# Characters beside a link that say nothing.
_AROUND_LINK = " .,;:–—-"
_ENDS_CLAUSE = (":", ".", "!", "?", "–", "—", "。", "：")


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """One link: ``url`` absolute, as written; ``note`` the line in which it stands, the
    anchor text in its place.

    ``section`` is the headings above it, outermost first, parted by " › ". ``noted`` is
    the last day that its line or section names. ``position`` is its place among the
    page's links, from 0, ``tags`` are those beside it. ``listed``: it stands in a list, a table or a heading rather
    than in running text.
    """

    url: str
    anchor_text: str
    note: str
    section: str = ""
    noted: date | None = None
    position: int = 0
    listed: bool = False
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class LineLink:
    """A link of a line; ``start`` is the number of characters of the line before it."""

    url: str
    position: int
    start: int
    anchor: list[str] = field(default_factory=list)
    is_badge: bool = False  # a sign for the page, which leads to no article

    def anchor_text(self) -> str:
        return collapse_spaces("".join(self.anchor))


@dataclass(slots=True)
class Line:
    """A line while it is read. ``context`` is its text before a list inside it began,
    ``below`` the texts of that list's items that have no links of their own."""

    element: str
    parent: Line | None = None
    text: list[str] = field(default_factory=list)
    length: int = 0
    links: list[LineLink] = field(default_factory=list)
    day: date | None = None
    context: str = ""
    below: list[str] = field(default_factory=list)
    listed: bool = False

    def add(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)

    def own_text(self) -> str:
        """The text of the line itself on one line."""
        return collapse_spaces("".join(self.text))

    def is_date(self) -> bool:
        """Say if the line is nothing but a date: a heading in all but markup."""
        if self.links or self.length >= _LONGEST_DATE_LINE:
            return False
        return is_only_date(self.own_text())

    def raw_text(self) -> str:
        """The text as written, with the items below that have no links."""
        own = "".join(self.text)
        if self.below:
            return f"{own} {'; '.join(self.below)}"
        return own


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    day: date | None
    year: int | None


class HeadingStack:
    """The headings above the line that is read, the outermost first."""

    def __init__(self) -> None:
        self._headings: list[_Heading] = []

    def put(self, level: int, line: Line) -> str:
        """Make a line the heading of what follows, in place of others of its level and
        below; return its text."""
        text = line.own_text()[:_LONGEST_HEADING]
        above = [heading for heading in self._headings if heading.level < level]
        self._headings = above
        if text:
            # "12 May" stands under "2019".
            years = [heading.year for heading in reversed(above)]
            day = find_date(text, year=next(filter(None, years), None)) or line.day
            year = find_year(text) or (day.year if day else None)
            self._headings.append(_Heading(level, text, day, year))
        return text

    def section(self) -> str:
        """Return the texts of the headings, parted by " › "."""
        return " › ".join(heading.text for heading in self._headings)

    def day(self) -> date | None:
        """Return the day of the nearest heading that names one."""
        days = [heading.day for heading in reversed(self._headings)]
        return next(filter(None, days), None)


def notes_beside(line: Line) -> list[str]:
    """Return the note of each link: its line, or of a long one the sentences around it.

    A line that is only the link says nothing; the outer item's text goes before it.
    """
    raw = line.raw_text()
    text = collapse_spaces(raw)
    if len(text) > LONGEST_NOTE:
        return [_sentences_around(link.start, raw) for link in line.links]
    # In "Bread: <ul><li>link</li></ul>" the item needs the words before the list.
    context = line.parent.context if line.parent else ""
    if not context:
        return [text] * len(line.links)
    bare = text.strip(_AROUND_LINK)
    anchors = (link.anchor_text().strip(_AROUND_LINK) for link in line.links)
    return [
        with_context(context, text) if anchor == bare else text for anchor in anchors
    ]


def with_context(context: str, text: str) -> str:
    """Return a text behind its context, with a colon between them unless the context
    ends in a mark."""
    if context.endswith(_ENDS_CLAUSE):
        separator = " "
    else:
        separator = ": "
    return f"{context}{separator}{text}"


def _sentences_around(at: int, raw: str) -> str:
    """The sentence at this character and as many after it as a note may contain."""
    begin = max(0, at - LONGEST_NOTE // 2)
    window = raw[begin : at + LONGEST_NOTE]
    ends = [found.end() for found in _SENTENCE_END.finditer(window)]
    first = max((end for end in ends if end <= at - begin), default=0)
    longest = first + LONGEST_NOTE
    last = max(
        (end for end in [*ends, len(window)] if first < end <= longest), default=longest
    )
    return collapse_spaces(window[first:last])


def bare_urls(text: str) -> list[tuple[int, str]]:
    """Return the addresses written out in a text, each after its place."""
    return [
        (found.start(), _without_punctuation(found[0]))
        for found in _BARE_URL.finditer(text)
    ]


def _without_punctuation(url: str) -> str:
    """A bare address without the punctuation of the sentence around it."""
    url = url.rstrip(_AFTER_URL)
    while _ends_in_unopened_bracket(url):
        url = url[:-1].rstrip(_AFTER_URL)
    return url


def _ends_in_unopened_bracket(url: str) -> bool:
    opening = _OPENING.get(url[-1:])
    return opening is not None and url.count(url[-1]) > url.count(opening)


def collapse_spaces(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())
