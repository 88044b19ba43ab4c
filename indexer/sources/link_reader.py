"""The links of an HTML tree, each with the line in which it stands and the headings
above it.

A page is read as lines (paragraphs, list items, table rows, terms with their
definitions) under headings. A line that is nothing but a date is a heading in all but
markup. The walk uses no recursion and looks at each node a fixed number of times, as
pages may be hostile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from indexer.extract.dom import Element
from indexer.sources.link_lines import (
    LONGEST_NOTE,
    Line,
    LineLink,
    LinkEntry,
    bare_urls,
    joined,
    notes_beside,
    one_line,
)
from indexer.text.dates import find_date, find_year, is_only_date, leading_date
from indexer.text.link_words import PERMALINK_TEXTS
from indexer.text.markup import word_set
from indexer.text.urls import resolve
from search.text.urls import canonical

# Of one page; a link blog of twenty years has fewer.
MOST_LINKS = 20_000
_LONGEST_HEADING = 300  # characters
_LONGEST_DATE_LINE = 200  # characters, white space among them
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DATE_LINE = 7  # the level of a line that is nothing but a date: below all headings
_ITEMS = frozenset({"li", "tr", "dt"})
_LINES = _ITEMS | word_set(
    """
    p td th dd figcaption blockquote div section article main pre address details
    summary
    """
)
# A block inside one of these belongs to its line.
_WHOLE_LINES = _ITEMS | _HEADINGS.keys()
_CLOSING = _LINES - {"dt"} | {"dl"}  # a term's line goes on through its definitions
_SKIPPED = word_set(
    """
    script style template noscript nav aside footer form button select textarea svg math
    iframe object head
    """
)
_NEVER_SKIPPED = frozenset({"body", "main", "article", "a", "code", "pre"})
_SKIPPED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|footer|comments?"
    r"|pagination|pager|share|sharing|social|related|toc|table-of-contents|site-header"
    r"|masthead|cookie|subscribe|newsletter|skip-link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SKIPPED_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary"}
)


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    day: date | None
    year: int | None


class LinkReader:
    """Walks one page in reading order and collects its links; ``words`` counts the
    words of all lines.

    ``base`` completes relative links; links to the page itself are left out.
    ``default_day`` dates the links that neither their line nor their section does.
    """

    def __init__(self, base: str, default_day: date | None = None) -> None:
        self._base = base
        self._itself = _identity(base)
        self._default_day = default_day
        self._line = Line("body")
        self._headings: list[_Heading] = []
        self._link: LineLink | None = None
        self._count = 0
        self._waiting: list[LinkEntry] = []  # of a heading, for the line after it
        self._entries: list[LinkEntry] = []
        self.words = 0

    def read(self, root: Element) -> tuple[LinkEntry, ...]:
        """Return the links below ``root`` in their order."""
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
        # True beside an element whose children are done.
        stack: list[tuple[Element | str, bool]] = [
            (node, False) for node in reversed(root.children)
        ]
        while stack:
            node, is_done = stack.pop()
            if isinstance(node, str):
                self._add_text(node)
            elif is_done:
                self._leave(node.tag)
            elif self._enter(node):
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.children))

    def _enter(self, element: Element) -> bool:
        """Take the element in; False where nothing inside it counts."""
        tag = element.tag
        if tag in _SKIPPED or _is_boilerplate(element):
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
        opened = "dt" if tag == "dl" else tag
        if tag == "a":
            self._link = None
        elif tag in _HEADINGS and self._line.element == tag:
            self._close_heading(_HEADINGS[tag])
        elif tag in _CLOSING and self._line.element == opened:
            self._close_line()
        elif tag in _LINES:
            self._line.add(" ")

    def _open_line(self, tag: str) -> None:
        """Begin a line, unless the block belongs to the line around it."""
        if self._line.element == "dt":
            self._continue_term(tag)
        outer = self._line
        if outer.element in _WHOLE_LINES and tag not in _ITEMS:
            is_next_cell = tag in ("td", "th") and "".join(outer.text).strip()
            outer.add(" | " if is_next_cell else " ")
            return
        inner = Line(tag, parent=outer)
        if outer.element in _ITEMS:
            if not outer.context:
                outer.context = one_line("".join(outer.text)[:LONGEST_NOTE])
                outer.day = outer.day or leading_date(outer.context)
            inner.day = outer.day
        inner.listed = outer.listed or tag in _WHOLE_LINES
        self._line = inner
        self._move_link(outer, inner)

    def _continue_term(self, tag: str) -> None:
        """A term ends the one before it; a term that is a date is a heading."""
        term = self._line
        if tag == "dt":
            self._close_line()
        elif tag == "dd" and _is_date_line(term):
            self._set_heading(_DATE_LINE, term)
            term.text, term.length = [], 0

    def _move_link(self, outer: Line, inner: Line) -> None:
        """A link around blocks belongs to the first of them."""
        link = self._link
        if link is not None and not link.anchor and outer.links[-1:] == [link]:
            inner.links.append(outer.links.pop())
            link.start = 0

    def _add_text(self, text: str) -> None:
        if self._link is not None:
            self._link.anchor.append(text)
        elif self._line.element != "pre" and "://" in text:
            for place, written in bare_urls(text):
                url = resolve("", written)
                if url is not None:
                    start = self._line.length + place
                    self._add_link(LineLink(url, self._count, start, [written]))
        self._line.add(text)

    def _open_link(self, element: Element) -> bool:
        url = resolve(self._base, element.get("href"))
        if url is not None and _identity(url) != self._itself:
            self._link = LineLink(url, self._count, self._line.length)
            self._add_link(self._link)
            return True
        # A permalink's sign ("#", "¶") is no text of the heading.
        return one_line(element.raw_text).lower() not in PERMALINK_TEXTS

    def _add_link(self, link: LineLink) -> None:
        if self._count < MOST_LINKS:
            self._count += 1
            self._line.links.append(link)

    def _close_heading(self, level: int) -> None:
        line = self._line
        self._line = line.parent or Line("body")
        self._release("")
        self.words += len(self._set_heading(level, line).split())
        # In a link blog the heading is the link, and the comment follows it.
        self._waiting = self._entries_of(line)

    def _set_heading(self, level: int, line: Line) -> str:
        """Make the line the heading of what follows; return its text."""
        text = line.own_text()[:_LONGEST_HEADING]
        above = [heading for heading in self._headings if heading.level < level]
        self._headings = above
        if text:
            year = next((each.year for each in reversed(above) if each.year), None)
            day = find_date(text, year=year) or line.day
            year = find_year(text) or (day.year if day else None)
            self._headings.append(_Heading(level, text, day, year))
        return text

    def _close_line(self) -> None:
        line = self._line
        self._line = line.parent or Line("body")
        if line.element not in ("li", "tr") and _is_date_line(line):
            self._set_heading(_DATE_LINE, line)
            if not self._entries:
                self._default_day = self._default_day or self._headings[-1].day
            return
        self.words += len(line.own_text().split())
        text = one_line(line.raw_text())
        if text and not line.links:
            self._release(text)
            if line.element in _ITEMS and self._line.element in _ITEMS:
                self._line.below.append(text[:LONGEST_NOTE])
        self._entries += self._entries_of(line)

    def _release(self, comment: str) -> None:
        """Let the entries of a heading go, with the line after it in their notes."""
        for entry in self._waiting:
            note = entry.note
            if comment:
                note = joined(note, comment)[:LONGEST_NOTE]
            self._entries.append(replace(entry, note=note))
        self._waiting = []

    def _entries_of(self, line: Line) -> list[LinkEntry]:
        if not line.links:
            return []
        day = self._day_of(line)
        section = " › ".join(heading.text for heading in self._headings)
        entries = []
        for link, beside in zip(line.links, notes_beside(line), strict=True):
            anchor = link.anchor_text()[:LONGEST_NOTE]
            note = beside or anchor
            if note:
                entry = LinkEntry(
                    link.url, anchor, note, section, day, link.position, line.listed
                )
                entries.append(entry)
        return entries

    def _day_of(self, line: Line) -> date | None:
        """The day with which the line begins, or else that of the nearest heading."""
        days = [line.day, *(heading.day for heading in reversed(self._headings))]
        if line.element not in _HEADINGS:
            days.insert(0, leading_date(one_line(line.raw_text())))
        return next(filter(None, days), None)


def _is_date_line(line: Line) -> bool:
    if line.links or line.length >= _LONGEST_DATE_LINE:
        return False
    return is_only_date(line.own_text())


def _is_boilerplate(element: Element) -> bool:
    """Say if it is navigation, a side bar or comments: no part of the page's own
    text."""
    if element.tag in _NEVER_SKIPPED:
        return False
    if element.get("role") in _SKIPPED_ROLES or "hidden" in element.attrs:
        return True
    names = f"{element.get('class')} {element.get('id')}"
    return bool(_SKIPPED_NAMES.search(names[:500]))


def _identity(url: str) -> str:
    """The identity of a page; a local file's is its name."""
    try:
        return canonical(url)
    except ValueError:
        return url.partition("#")[0]
