"""The blocks of an article that answer no question: references, footnotes, captions …

Told by the heading that they stand under and by the shape of the lines, both together:
neither is believed alone. It takes nothing out; who quotes an article passes over them
while anything else answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Literal

from search.text.line_shapes import (
    is_byline,
    is_caption,
    is_licence,
    is_like_title,
    is_navigation,
    is_promotion,
)
from search.text.reference_shapes import (
    ENTRY,
    LIKELY,
    LONGEST_ENTRY,
    asks_to_cite,
    is_bare_link,
    is_bibtex,
    is_marked,
    is_numbered,
    leads_back,
    marks_in,
    note_number,
    reference_points,
)
from search.text.section_titles import TitledSection, lists_in, sections_of_apparatus
from search.types import Block

Apparatus = Literal[
    "reference", "footnote", "caption", "navigation", "licence", "byline"
]

_HEAD = 4  # blocks at the beginning that may be bylines and the like
_TAIL = 12  # blocks at the end that may be licences, share lines, related posts
# The share of a section's lines that must look like references under "References", and
# like links under "See also".
_MOST_OF_IT = 0.6
_NEARLY_ALL = 0.8
_FEWEST_CONTENTS = 6  # headings of an article with a table of contents
_LONGEST_LEAD = 200  # characters of "I read these:" above a list
_NOT_PROSE = ("code", "math", "table", "heading")


def apparatus(blocks: Sequence[Block]) -> list[Apparatus | None]:
    """Return of each block the part of the apparatus that it is, None for text."""
    return _Reading(blocks).read()


class _Reading:
    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.found: list[Apparatus | None] = [None] * len(blocks)
        self.points: dict[int, int] = {}
        self.text_ends = len(blocks)  # behind it stands only apparatus

    def read(self) -> list[Apparatus | None]:
        """Flag by one sign after the other, those that need least first."""
        for i, block in enumerate(self.blocks):
            self.found[i] = self.by_itself(i, block)
        self.runs_of_references()
        self.citations()
        self.lists_of_contents()
        self.edges()
        # From the end: what stands behind a section tells if it is at the end.
        for section in reversed(list(sections_of_apparatus(self.blocks))):
            self.section(section)
        self.notes_at_the_end()
        self.headings_of_nothing_else()
        return self.found

    def by_itself(self, i: int, block: Block) -> Apparatus | None:
        """Return what the shape of a block tells without its neighbours."""
        if block.kind == "caption":
            return "caption"
        if block.kind == "code":
            return "reference" if is_bibtex(block.text) else None
        if block.kind in _NOT_PROSE:
            return None
        text = block.text
        if is_caption(text):
            return "caption"
        if len(text) > LONGEST_ENTRY:
            return None
        points = self.points[i] = reference_points(text)
        if points >= ENTRY or is_bare_link(text) or is_bibtex(text):
            return "reference"
        return None

    def runs_of_references(self) -> None:
        """Flag each likely reference beside one that is flagged."""
        count = len(self.blocks)
        for i in range(1, count):
            self.join(i, i - 1)
        for i in range(count - 2, -1, -1):
            self.join(i, i + 1)

    def join(self, i: int, neighbour: int) -> None:
        if self.found[neighbour] == "reference" and self.points.get(i, 0) >= LIKELY:
            self.found[i] = self.found[i] or "reference"

    def citations(self) -> None:
        """Flag "Cited as:" and what it introduces."""
        for i, block in enumerate(self.blocks):
            if block.kind in _NOT_PROSE or not asks_to_cite(block.text):
                continue
            self.found[i] = "reference"
            if self.points.get(i + 1, 0) > 0:
                self.found[i + 1] = "reference"

    def lists_of_contents(self) -> None:
        """Flag lists whose items are nearly all of the article's own headings."""
        titles = {_letters(b.text) for b in self.blocks if b.kind == "heading"}
        if len(titles) < _FEWEST_CONTENTS:
            return
        for start, end in lists_in(self.blocks[: len(self.blocks) // 2]):
            same = {_letters(b.text) for b in self.blocks[start:end]} & titles
            if len(same) >= _NEARLY_ALL * max(len(titles), end - start):
                self.flag(range(start, end), "navigation")

    def section(self, section: TitledSection) -> None:
        """Flag the lines under a title if they have the shape that it promises."""
        inside = range(section.start, section.end)
        if not inside:
            return
        _RULES[section.part](self, section, inside)
        is_line = self.blocks[section.title].kind != "heading"
        if is_line and self.found[section.start]:
            self.found[section.title] = self.found[section.start]

    def references(self, section: TitledSection, inside: range) -> None:
        self.entries(section, inside, least=_MOST_OF_IT)

    def links(self, section: TitledSection, inside: range) -> None:
        self.entries(section, inside, least=_NEARLY_ALL)

    def entries(self, section: TitledSection, inside: range, *, least: float) -> None:
        """Flag the entries if they are at least this share of a section's lines."""
        lead = inside[: self.is_lead(inside[0]) and len(inside) > 1]
        lines = inside[len(lead) :]
        at_end = self.is_at_end(section.end)
        if self.blocks[section.title].kind != "heading":
            # What no heading ends goes as far as the lines look alike.
            lines = range(lines.start, self.end_of_entries(lines))
            at_end = True
        found = [i for i in lines if self.is_entry(i, titles=at_end)]
        if found and len(found) >= least * len(lines):
            self.flag([*lead, *found], "reference")

    def end_of_entries(self, lines: range) -> int:
        for i in lines:
            if not self.is_entry(i, titles=self.blocks[i].kind == "item"):
                return i
        return lines.stop

    def is_lead(self, i: int) -> bool:
        """Tell if a line only introduces the list below it."""
        text = self.blocks[i].text
        return text.endswith((":", "：")) and len(text) <= _LONGEST_LEAD

    def footnotes(self, section: TitledSection, inside: range) -> None:
        if self.is_at_end(section.end):
            self.flag(inside, "footnote")
        else:
            self.notes(section, inside)

    def notes(self, section: TitledSection, inside: range) -> None:
        shaped = [i for i in inside if self.is_note(i)]
        if len(shaped) >= _MOST_OF_IT * len(inside):
            self.flag(shaped, "footnote")

    def citation(self, section: TitledSection, inside: range) -> None:
        for i in inside:
            text = self.blocks[i].text.casefold()
            if self.points.get(i, 0) > 1 or "cit" in text or "bibtex" in text:
                self.flag([i], "reference")

    def contents(self, section: TitledSection, inside: range) -> None:
        items = [i for i in inside if is_like_title(self.blocks[i].text)]
        is_list = all(self.blocks[i].kind == "item" for i in inside)
        if is_list and len(items) >= _NEARLY_ALL * len(inside):
            self.flag(items, "navigation")

    def navigation(self, section: TitledSection, inside: range) -> None:
        if self.is_at_end(section.end) and all(
            is_like_title(self.blocks[i].text) for i in inside
        ):
            self.flag(inside, "navigation")

    def author(self, section: TitledSection, inside: range) -> None:
        if self.is_at_end(section.end) and section.end - section.title <= _HEAD:
            self.flag(inside, "byline")

    def is_entry(self, i: int, *, titles: bool) -> bool:
        """Tell if a line under "References" is one; ``titles``: bare titles count."""
        block = self.blocks[i]
        if self.found[i] == "reference":
            return True
        if block.kind in _NOT_PROSE or len(block.text) > LONGEST_ENTRY:
            return False
        if self.points.get(i, 0) >= 2 or is_marked(block.text):
            return True
        return titles and is_like_title(block.text)

    def is_note(self, i: int) -> bool:
        text = self.blocks[i].text
        if self.blocks[i].kind in _NOT_PROSE:
            return False
        return is_marked(text) or is_numbered(text) or leads_back(text)

    def edges(self) -> None:
        """Flag bylines above the text, licences and share lines around it."""
        count = len(self.blocks)
        for i in {*range(min(_HEAD, count)), *range(max(0, count - _TAIL), count)}:
            block = self.blocks[i]
            if self.found[i] or block.kind in _NOT_PROSE:
                continue
            self.found[i] = _at_edge(block.text)

    def notes_at_the_end(self) -> None:
        """Flag the footnotes with which an article ends, where no title names them."""
        end = len(self.blocks)
        while end > 0 and self.found[end - 1]:
            end -= 1
        start = end
        while start > 0 and self.found[start - 1] is None and self.is_note(start - 1):
            start -= 1
        run = range(start, end)
        if all(self.has_mark(i) or leads_back(self.blocks[i].text) for i in run):
            self.flag(run, "footnote")

    def has_mark(self, i: int) -> bool:
        """Tell if the text has the mark of this note."""
        return note_number(self.blocks[i].text) in self.marks

    @cached_property
    def marks(self) -> frozenset[str]:
        """The numbers of the notes that the text has marks of."""
        prose = (block.text for block in self.blocks if block.kind not in _NOT_PROSE)
        return frozenset(chain.from_iterable(map(marks_in, prose)))

    def headings_of_nothing_else(self) -> None:
        """Flag the headings under which no text is left."""
        count = len(self.blocks)
        after: Apparatus | None = None
        for i in range(count - 1, -1, -1):
            block = self.blocks[i]
            if block.kind != "heading":
                after = self.found[i]
            elif after and self.is_all_flagged(i):
                self.found[i] = after

    def is_all_flagged(self, heading: int) -> bool:
        for i in range(heading + 1, len(self.blocks)):
            if self.blocks[i].kind == "heading":
                return i > heading + 1
            if self.found[i] is None:
                return False
        return True

    def is_at_end(self, end: int) -> bool:
        """Tell if nothing but apparatus and headings stands from ``end`` on."""
        while self.text_ends > 0:
            last = self.text_ends - 1
            if self.found[last] is None and self.blocks[last].kind != "heading":
                break
            self.text_ends = last
        return end >= self.text_ends

    def flag(self, numbers: Sequence[int], kind: Apparatus) -> None:
        for i in numbers:
            self.found[i] = self.found[i] or kind


_RULES = {
    "references": _Reading.references,
    "links": _Reading.links,
    "footnotes": _Reading.footnotes,
    "notes": _Reading.notes,
    "citation": _Reading.citation,
    "contents": _Reading.contents,
    "navigation": _Reading.navigation,
    "author": _Reading.author,
}


def _at_edge(text: str) -> Apparatus | None:
    if is_licence(text):
        return "licence"
    if is_promotion(text) or is_navigation(text):
        return "navigation"
    if is_byline(text):
        return "byline"
    return None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text[:_LONGEST_LEAD].casefold()))
