"""The links of an HTML tree, each with the line in which it stands and the headings
above it.

A page is read as lines (paragraphs, list items, table rows, terms with their
definitions) under headings. A line that is nothing but a date is a heading in all but
markup. The walk uses no recursion and looks at each node a fixed number of times, as
pages may be hostile.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from indexer.extract.dom import Element
from indexer.sources.line_elements import (
    CLOSING,
    HEADINGS,
    ITEMS,
    LINES,
    WHOLE_LINES,
    is_skipped,
)
from indexer.sources.link_lines import (
    LONGEST_NOTE,
    HeadingStack,
    Line,
    LineLink,
    LinkEntry,
    bare_urls,
    collapse_spaces,
    notes_beside,
    with_context,
)
from indexer.text.dates import find_date, leading_date
from indexer.text.hashtags import hashtags
from indexer.text.link_words import PERMALINK_TEXTS
from indexer.text.urls import resolve
from search.text.urls import canonical

# Of one page; a link blog of twenty years has fewer.
MOST_LINKS = 20_000
# Pictures that say how a project fares; lists of links begin with them.
_BADGE = re.compile(
    r"(?:shields\.io|badgen\.net|badge\.fury\.io|awesome\.re|travis-ci\.|circleci\.com|codecov\.io"
    r"|opencollective\.com)/|badge[^/]{0,40}(?:\.svg|\.png)?(?:\?|$)|/badges?/",
    re.IGNORECASE,
)
_LONGEST_SOURCE = 500  # characters of a picture's address that are looked at
_DATE_LINE = 7  # the level of a line that is nothing but a date: below all headings


class LinkReader:
    """Walks one page in reading order and collects its links; ``words`` counts the
    words of all lines.

    ``base`` completes relative links; links to the page itself are left out.
    ``default_day`` dates the links that neither their line nor their section does.
    """

    def __init__(self, base: str, default_day: date | None = None) -> None:
        self._base = base
        self._itself = _page_key(base)  # links within the page lead to no other
        self._default_day = default_day
        self._line = Line("body")  # the innermost one that is open
        self._headings = HeadingStack()
        self._link: LineLink | None = None  # the one that is open
        self._count = 0
        self._waiting: list[LinkEntry] = []  # of a heading, for the line after it
        self._entries: list[LinkEntry] = []
        self.words = 0

    def read(self, root: Element) -> tuple[LinkEntry, ...]:
        """Return the links below ``root`` in their order."""
        self._walk(root)
        self._close_line()
        self._release("")
        # Lines close after the lines inside them.
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
        if is_skipped(element):
            return False
        if tag == "a":
            return self._open_link(element)
        if tag in ("br", "hr"):
            self._line.add(" ")
        # A linked picture has its description as words.
        elif tag == "img" and self._link is not None:
            self._add_text(element.get("alt"))
            source = element.get("src") or element.get("data-canonical-src")
            self._link.is_badge |= bool(_BADGE.search(source[:_LONGEST_SOURCE]))
        # Exact where the text says "yesterday".
        elif tag == "time":
            self._line.day = find_date(element.get("datetime")) or self._line.day
        elif tag in HEADINGS or tag in LINES:
            self._open_line(tag)
        return True

    def _leave(self, tag: str) -> None:
        opened = "dt" if tag == "dl" else tag
        if tag == "a":
            self._link = None
        elif tag in HEADINGS and self._line.element == tag:
            self._close_heading(HEADINGS[tag])
        elif tag in CLOSING and self._line.element == opened:
            self._close_line()
        elif tag in LINES:  # a block inside a whole line, which parts words
            self._line.add(" ")

    def _open_line(self, tag: str) -> None:
        """Begin a line, unless the block belongs to the line around it."""
        if self._line.element == "dt":
            self._continue_term(tag)
        outer = self._line
        if outer.element in WHOLE_LINES and tag not in ITEMS:
            is_next_cell = tag in ("td", "th") and "".join(outer.text).strip()
            outer.add(" | " if is_next_cell else " ")
            return
        inner = Line(tag, parent=outer)
        if outer.element in ITEMS:
            if not outer.context:
                outer.context = collapse_spaces("".join(outer.text)[:LONGEST_NOTE])
                outer.day = outer.day or leading_date(outer.context)
            inner.day = outer.day
        inner.listed = outer.listed or tag in WHOLE_LINES
        self._line = inner
        self._move_link(outer, inner)

    def _continue_term(self, tag: str) -> None:
        """A term ends the one before it; a term that is a date is a heading."""
        term = self._line
        if tag == "dt":
            self._close_line()
        elif tag == "dd" and term.is_date():
            self._headings.put(_DATE_LINE, term)
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
        if url is not None and _page_key(url) != self._itself:
            self._link = LineLink(url, self._count, self._line.length)
            self._add_link(self._link)
            return True
        # A permalink's sign ("#", "¶") is no text of the heading.
        return collapse_spaces(element.raw_text).lower() not in PERMALINK_TEXTS

    def _add_link(self, link: LineLink) -> None:
        # Lines are read on: they count as the page's words.
        if self._count < MOST_LINKS:
            self._count += 1
            self._line.links.append(link)

    def _close_heading(self, level: int) -> None:
        line = self._line
        self._line = line.parent or Line("body")
        # After a heading without a comment.
        self._release("")
        self.words += len(self._headings.put(level, line).split())
        # In a link blog the heading is the link, and the comment follows it.
        self._waiting = self._entries_of(line)

    def _close_line(self) -> None:
        line = self._line
        self._line = line.parent or Line("body")
        if line.element not in ("li", "tr") and line.is_date():
            self._headings.put(_DATE_LINE, line)
            # The first date of a page, above all links, dates the page.
            if not self._entries:
                self._default_day = self._default_day or self._headings.day()
            return
        self.words += len(line.own_text().split())
        text = collapse_spaces(line.raw_text())
        if text and not line.links:
            self._release(text)
            # A list of remarks below a link belongs to its note.
            if line.element in ITEMS and self._line.element in ITEMS:
                self._line.below.append(text[:LONGEST_NOTE])
        self._entries += self._entries_of(line)

    def _release(self, comment: str) -> None:
        """Let the entries of a heading go, with the line after it in their notes."""
        for entry in self._waiting:
            note = entry.note
            if comment:
                note = with_context(note, comment)[:LONGEST_NOTE]
            self._entries.append(replace(entry, note=note))
        self._waiting = []

    def _entries_of(self, line: Line) -> list[LinkEntry]:
        if not line.links:
            return []
        day = self._day_of(line)
        section = self._headings.section()
        entries = []
        for link, beside in zip(line.links, notes_beside(line), strict=True):
            anchor = link.anchor_text()[:LONGEST_NOTE]
            note = beside or anchor
            if note and not link.is_badge:
                entry = LinkEntry(
                    link.url, anchor, note, section, day, link.position, line.listed,
                    hashtags(note),
                )  # fmt: skip
                entries.append(entry)
        return entries

    def _day_of(self, line: Line) -> date | None:
        """The day with which the line begins, or else that of the nearest heading."""
        day = line.day
        if line.element not in HEADINGS:
            day = leading_date(collapse_spaces(line.raw_text())) or day
        return day or self._headings.day()


def _page_key(url: str) -> str:
    """The identity of a page; a local file's is its name."""
    try:
        return canonical(url)
    except ValueError:
        return url.partition("#")[0]
