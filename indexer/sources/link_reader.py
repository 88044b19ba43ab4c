"""The links of an HTML tree, each with the line it stands in and the headings above it.
Pure.

A page is read as lines (paragraphs, list items, table rows, terms with their
definitions) under headings. A line that is nothing but a date is a heading in all but
markup. The walk uses no recursion and looks at each node a fixed number of times, as
pages may be hostile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from indexer.extract.dom import Element
from indexer.text.dates import find_date, find_year, is_only_date, leading_date
from indexer.text.link_words import PERMALINK_TEXTS
from indexer.text.urls import resolve
from search.text.urls import canonical

LONGEST_NOTE = 1_200  # characters; of a longer line only the sentences around the link are the note
_LONGEST_HEADING = 300  # characters
MOST_LINKS = 20_000  # of one page; a link blog of twenty years has fewer
_BARE_URL = re.compile(r"https?://[^\s<>\"'`]{3,2000}", re.IGNORECASE)
_AFTER_URL = ".,;:!?…*_~'\"”’»"
_OPENING = {")": "(", "]": "["}
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])[\"'”’)\]]{0,2}\s{1,9}(?=[\"'“‘(\[]?[^\Wa-z\d_])|(?<=[。！？])"
)

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DATE_LINE = 7  # the level of a line that is nothing but a date: below all headings
_ITEMS = frozenset({"li", "tr", "dt"})
_BLOCKS = "p td th dd figcaption blockquote div section article main pre address details summary"
_LINES = _ITEMS | frozenset(_BLOCKS.split())
_CLOSING = _LINES - {"dt"} | {"dl"}  # a term's line goes on through its definitions
_NO_TEXT = "script style template noscript nav aside footer form button select textarea svg math iframe object head"
_SKIPPED = frozenset(_NO_TEXT.split())
_SKIPPED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|footer|comments?|pagination|pager|share|sharing"
    r"|social|related|toc|table-of-contents|site-header|masthead|cookie|subscribe|newsletter|skip-link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SKIPPED_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary"}
)


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """One link: ``url`` absolute, as written; ``note`` the line it stands in, the
    anchor text in its place; ``section`` the headings above it, outermost first, parted
    by " › "; ``noted`` the last day that its line or section names; ``position`` its
    place among the page's links, from 0; ``listed`` whether it stands in a list, a
    table or a heading rather than in running text."""

    url: str
    anchor_text: str
    note: str
    section: str = ""
    noted: date | None = None
    position: int = 0
    listed: bool = False


@dataclass(slots=True)
class _Link:
    url: str
    position: int
    start: int  # characters of the line before it
    anchor: list[str] = field(default_factory=list)

    def anchor_text(self) -> str:
        return one_line("".join(self.anchor))


@dataclass(slots=True)
class _Line:
    """A line while it is read. ``context`` is what it said when a list inside it began,
    ``below`` what that list's items say that have no links of their own."""

    element: str
    parent: _Line | None = None
    text: list[str] = field(default_factory=list)
    length: int = 0
    links: list[_Link] = field(default_factory=list)
    day: date | None = None
    context: str = ""
    below: list[str] = field(default_factory=list)
    listed: bool = False

    def add(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)

    def raw(self) -> str:
        below = "; ".join(self.below)
        return "".join(self.text) + (f" {below}" if below else "")


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    day: date | None
    year: int | None


class LinkReader:
    """Walks one page in reading order; ``entries`` are its links, ``words`` the words
    of all lines.

    ``base`` completes relative links; links to the page itself are none.
    ``default_day`` dates what neither its line nor its section does.
    """

    def __init__(self, base: str, default_day: date | None = None) -> None:
        self._base = base
        self._itself = _canonical(base)
        self._default_day = default_day
        self._line = _Line("body")
        self._headings: list[_Heading] = []
        self._link: _Link | None = None
        self._count = 0
        self._waiting: list[LinkEntry] = []
        self._entries: list[LinkEntry] = []
        self.words = 0

    def read(self, root: Element) -> tuple[LinkEntry, ...]:
        """The links below ``root`` in their order."""
        self._walk(root)
        self._close_line()
        self._release("")
        ordered = sorted(self._entries, key=lambda entry: entry.position)
        return tuple(
            replace(entry, noted=entry.noted or self._default_day, position=position)
            for position, entry in enumerate(ordered)
        )

    def _walk(self, root: Element) -> None:
        """Depth first: enter an element, then its children, then leave it."""
        # True beside an element whose children are done
        stack: list[tuple[Element | str, bool]] = [
            (node, False) for node in reversed(root.children)
        ]
        while stack:
            node, is_end = stack.pop()
            if isinstance(node, str):
                self._add_text(node)
            elif is_end:
                self._leave(node.tag)
            elif self._enter(node):
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.children))

    def _enter(self, element: Element) -> bool:
        """Takes the element in; False where nothing inside it counts."""
        tag = element.tag
        if tag in _SKIPPED or _is_furniture(element):
            return False
        if tag == "a":
            return self._open_link(element)
        if tag in ("br", "hr"):
            self._line.add(" ")
        elif tag == "img" and self._link is not None:
            self._add_text(element.get("alt"))
        elif tag == "time":
            self._line.day = find_date(element.get("datetime")) or self._line.day
        elif tag in _HEADINGS or tag in _LINES:
            self._open_line(tag)
        return True

    def _leave(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        elif tag in _HEADINGS and self._line.element == tag:
            self._close_heading(_HEADINGS[tag])
        elif self._line.element == ("dt" if tag == "dl" else tag) and tag in _CLOSING:
            self._close_line()
        elif tag in _LINES:
            self._line.add(" ")

    def _open_line(self, tag: str) -> None:
        """Blocks inside an item, a row or a heading belong to its line; items are lines
        of their own."""
        outer = self._line
        if outer.element == "dt" and tag == "dt":
            self._close_line()
            outer = self._line
        elif outer.element == "dt" and tag == "dd" and self._is_date_line(outer):
            self._set_heading(_DATE_LINE, outer)
            outer.text, outer.length = [], 0
        if (
            outer.element in _ITEMS or outer.element in _HEADINGS
        ) and tag not in _ITEMS:
            outer.add(
                " | "
                if tag in ("td", "th") and outer.length and "".join(outer.text).strip()
                else " "
            )
            return
        if outer.element in _ITEMS and not outer.context:
            outer.context = one_line("".join(outer.text)[:LONGEST_NOTE])
            outer.day = outer.day or leading_date(outer.context)
        self._line = _Line(
            tag, parent=outer, day=outer.day if outer.element in _ITEMS else None
        )
        self._line.listed = outer.listed or tag in _ITEMS or tag in _HEADINGS
        link = self._link
        if (
            link is not None
            and not link.anchor
            and outer.links
            and outer.links[-1] is link
        ):
            outer.links.pop()  # a link around blocks belongs to the first of them
            link.start = 0
            self._line.links.append(link)

    def _add_text(self, text: str) -> None:
        if self._link is not None:
            self._link.anchor.append(text)
        elif self._line.element != "pre" and "://" in text:
            self._add_bare_urls(text)
        self._line.add(text)

    def _add_bare_urls(self, text: str) -> None:
        for found in _BARE_URL.finditer(text):
            written = _trimmed(found[0])
            url = resolve("", written)
            if url is not None:
                self._add_link(
                    _Link(
                        url, self._count, self._line.length + found.start(), [written]
                    )
                )

    def _open_link(self, node: Element) -> bool:
        url = resolve(self._base, node.get("href"))
        if url is not None and _canonical(url) != self._itself:
            self._link = _Link(url, self._count, self._line.length)
            self._add_link(self._link)
            return True
        # a permalink's sign ("#", "¶") is no text of the heading
        return one_line(node.raw_text).lower() not in PERMALINK_TEXTS

    def _add_link(self, link: _Link) -> None:
        if self._count == MOST_LINKS:
            return
        self._count += 1
        self._line.links.append(link)

    def _close_heading(self, level: int) -> None:
        line = self._line
        self._line = line.parent or _Line("body")
        self._release("")
        self.words += len(self._set_heading(level, line).split())
        # a link blog: the heading is the link, the comment follows it
        self._waiting = self._entries_of(line)

    def _set_heading(self, level: int, line: _Line) -> str:
        text = one_line("".join(line.text))[:_LONGEST_HEADING]
        self._headings = [
            heading for heading in self._headings if heading.level < level
        ]
        year = next(
            (heading.year for heading in reversed(self._headings) if heading.year), None
        )
        day = find_date(text, year=year) or line.day
        if text:
            self._headings.append(
                _Heading(
                    level, text, day, find_year(text) or (day.year if day else None)
                )
            )
        return text

    def _is_date_line(self, line: _Line) -> bool:
        return (
            not line.links
            and line.length < 200
            and is_only_date(one_line("".join(line.text)))
        )

    def _close_line(self) -> None:
        line = self._line
        self._line = line.parent or _Line("body")
        if line.element not in ("li", "tr") and self._is_date_line(line):
            self._set_heading(_DATE_LINE, line)
            if not self._entries:
                self._default_day = self._default_day or self._headings[-1].day
            return
        text = one_line(line.raw())
        self.words += (
            len(one_line("".join(line.text)).split())
            if line.below
            else len(text.split())
        )
        if text and not line.links:
            self._release(text)
            if (
                line.element in _ITEMS
                and line.parent is not None
                and line.parent.element in _ITEMS
            ):
                line.parent.below.append(text[:LONGEST_NOTE])
        self._entries += self._entries_of(line)

    def _release(self, comment: str) -> None:
        """Entries of a heading get the line after it as the rest of their note."""
        for entry in self._waiting:
            note = (
                _joined(entry.note, comment)[:LONGEST_NOTE] if comment else entry.note
            )
            self._entries.append(replace(entry, note=note))
        self._waiting = []

    def _entries_of(self, line: _Line) -> list[LinkEntry]:
        if not line.links:
            return []
        raw = line.raw()
        text = one_line(raw)
        day = (
            leading_date(text) if line.element not in _HEADINGS else None
        ) or line.day
        day = day or next(
            (heading.day for heading in reversed(self._headings) if heading.day), None
        )
        section = " › ".join(heading.text for heading in self._headings)
        entries = []
        for link in line.links:
            anchor = link.anchor_text()[:LONGEST_NOTE]
            note = _note_beside(link, line, raw, text)
            if anchor or note:
                entries.append(
                    LinkEntry(
                        link.url,
                        anchor,
                        note or anchor,
                        section,
                        day,
                        link.position,
                        line.listed,
                    )
                )
        return entries


def _note_beside(link: _Link, line: _Line, raw: str, text: str) -> str:
    """The line, or the sentences around the link; behind the outer item's where it is
    only the link."""
    if len(text) > LONGEST_NOTE:
        return _sentences_around(link.start, raw)
    outer = line.parent
    if (
        outer is None
        or not outer.context
        or text.strip(" .,;:–—-") != link.anchor_text().strip(" .,;:–—-")
    ):
        return text
    return _joined(outer.context, text)


def _joined(context: str, text: str) -> str:
    return f"{context}{' ' if context.endswith((':', '.', '!', '?', '–', '—', '。', '：')) else ': '}{text}"


def _sentences_around(at: int, raw: str) -> str:
    """The sentence at this character and as many after it as a note may hold."""
    begin = max(0, at - LONGEST_NOTE // 2)
    window = raw[begin : at + LONGEST_NOTE]
    ends = [found.end() for found in _SENTENCE_END.finditer(window)]
    first = max((end for end in ends if end <= at - begin), default=0)
    last = max(
        (end for end in [*ends, len(window)] if first < end <= first + LONGEST_NOTE),
        default=0,
    )
    return one_line(window[first : last or first + LONGEST_NOTE])


def _is_furniture(element: Element) -> bool:
    """Navigation, side bars, comments: what is no part of the page's own text."""
    if element.tag in ("body", "main", "article", "a", "code", "pre"):
        return False
    if element.get("role") in _SKIPPED_ROLES or "hidden" in element.attrs:
        return True
    names = f"{element.get('class')} {element.get('id')}"
    return bool(_SKIPPED_NAMES.search(names[:500]))


def _trimmed(url: str) -> str:
    """A bare address without the punctuation of the sentence around it."""
    url = url.rstrip(_AFTER_URL)
    while (
        url
        and url[-1] in _OPENING
        and url.count(url[-1]) > url.count(_OPENING[url[-1]])
    ):
        url = url[:-1].rstrip(_AFTER_URL)
    return url


def _canonical(url: str) -> str:
    """The identity of a page; a local file's is its name."""
    try:
        return canonical(url)
    except ValueError:
        return url.partition("#")[0]


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())
