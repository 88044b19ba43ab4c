"""The text of an article with its blocks: sections, headings, and places of passages.

It chooses nothing: search/results/quotes.py does.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from search.results.page_words import Page
from search.text.apparatus import apparatus, is_surely_text
from search.text.section_titles import TitledSection, sections_of_apparatus
from search.types import Article, Block, ShownBlock

Span = tuple[int, int]
Place = tuple[int, int, int]
"""A line of a passage: where it begins there and in the article, and its length."""

# What is not quoted while anything else answers. A caption is the author's own words,
# and often says best what a picture shows.
_BARRED = frozenset(("reference", "footnote", "navigation", "licence", "byline"))

_WIDEST_GAP = 1000  # characters between two lines of a passage: a few headings


class ArticleText:
    """An article's text, read as Article.text gives it."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.text = article.text
        self._blocks = article.blocks
        self._title = article.title
        self._starts = article.block_starts
        self._known: dict[int, bool] = {}  # if a block is apparatus

    @cached_property
    def _titled(self) -> tuple[TitledSection, ...]:
        return tuple(sections_of_apparatus(self._blocks))

    @cached_property
    def _is_apparatus(self) -> tuple[bool, ...]:
        return tuple(part in _BARRED for part in apparatus(self._blocks))

    @cached_property
    def page(self) -> Page:
        """The same text as its page has it, for links."""
        return Page(self.article)

    @cached_property
    def _headings(self) -> list[int]:
        return [i for i, block in enumerate(self._blocks) if block.kind == "heading"]

    def section(self, place: int) -> int:
        """Return the number of the section at a place, 0 above the first heading."""
        return bisect_right(self._headings, self._block_at(place))

    def is_apparatus(self, place: int) -> bool:
        """Tell if a place lies in references, footnotes, navigation and the like."""
        number = self._block_at(place)
        known = self._known.get(number)
        if known is None:
            known = False
            if not is_surely_text(self._blocks, number, self._titled):
                known = self._is_apparatus[number]
            self._known[number] = known
        return known

    def without_heading(self, start: int, end: int) -> Span | None:
        """Return a span from behind a heading that it begins with; None for a span of
        nothing else."""
        number = self._block_at(start)
        while self._blocks[number].kind == "heading":
            number += 1
            if number == len(self._blocks) or self._starts[number] >= end:
                return None
            start = self._starts[number]
        return start, end

    def path(self, place: int) -> list[str]:
        """Return the headings above a place, outermost first, without the title."""
        path: list[Block] = []
        for number in self._headings[: self.section(place)]:
            block = self._blocks[number]
            while path and path[-1].level >= block.level:
                path.pop()
            path.append(block)
        texts = (" ".join(block.text.split()) for block in path)
        return [text for text in texts if text != self._title]

    def anchor(self, place: int) -> str:
        """Return the nearest anchor at or above a place, "" if there is none."""
        number = self._block_at(place)
        anchors = (block.anchor for block in reversed(self._blocks[: number + 1]))
        return next(filter(None, anchors), "")

    def shown_blocks(self, start: int, end: int) -> tuple[ShownBlock, ...]:
        """Return the blocks of a span, as characters of the span."""
        found = []
        for number in range(self._block_at(start), len(self._blocks)):
            block, begin = self._blocks[number], self._starts[number]
            if begin >= end:
                break
            first, last = max(begin, start), min(begin + len(block.text), end)
            if first < last:
                shown = (first - start, last - start)
                found.append(ShownBlock(*shown, block.kind, block.level, block.number))
        return tuple(found)

    def locate(self, passage: str) -> list[Place]:
        """Find the lines of a passage, which lie in the text one after the other;
        nothing where the text has changed since, or the passage is not of it."""
        lines = _lines(passage)
        begin = self.text.find(lines[0][1])
        while begin >= 0:
            places = self._places(lines, begin)
            if places:
                return places
            begin = self.text.find(lines[0][1], begin + 1)
        return []

    def _places(self, lines: list[tuple[int, str]], begin: int) -> list[Place]:
        places: list[Place] = []
        end = begin
        for offset, line in lines:
            limit = end + len(line) + _WIDEST_GAP
            at = self.text.find(line, end, limit)
            # A heading between may have the same words.
            while at >= 0 and not self._is_gap(end, at):
                at = self.text.find(line, at + 1, limit)
            if at < 0:
                return []
            places.append((offset, at, len(line)))
            end = at + len(line)
        return places

    def _is_gap(self, start: int, end: int) -> bool:
        """Tell if only white space and headings, which stand above a passage, lie
        between two of its lines."""
        if not self.text[start:end].strip():
            return True
        first, last = self._block_at(start) + 1, self._block_at(end)
        if any(block.kind != "heading" for block in self._blocks[first:last]):
            return False
        before = self.text[start : self._starts[first]]
        return not (before + self.text[self._starts[last] : end]).strip()

    def _block_at(self, place: int) -> int:
        return bisect_right(self._starts, place) - 1


def _lines(text: str) -> list[tuple[int, str]]:
    """Return each line that is not blank, with the place at which it begins."""
    lines: list[tuple[int, str]] = []
    offset = 0
    for line in text.split("\n"):
        if line.strip():
            lines.append((offset, line))
        offset += len(line) + 1
    return lines


def in_article(span: Span, places: list[Place]) -> Span:
    """Return the characters of the article that are these of a passage; ``places`` are
    those of its lines."""
    start, end = span
    first = next(place for place in places if start < place[0] + place[2])
    last = next(place for place in reversed(places) if place[0] < end)
    begin = first[1] + max(0, start - first[0])
    return begin, last[1] + min(last[2], end - last[0])
