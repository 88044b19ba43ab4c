"""An answer as lines of text: what it is about, one short block an article, and how many.

It decides on no ranking: what is a weaker match is the engine's word.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from search.console import plain
from search.hints import with_index
from search.index.open import IndexAddress, default_index_dir
from search.states import STATE_WORDS
from search.terminal.capabilities import Terminal
from search.terminal.quote import short_quote, whole_quote
from search.terminal.styled import Style, Text, cut, linked, paint, styled, width, wrap
from search.text.urls import is_within_file
from search.types import Answer, Hit, HitPassage

SHOWN = 5  # articles, where no number was asked for
NEAREST = 3  # titles, where nothing answers
PASSAGES = 3  # of an article, with --context
MOST_LINES = 8  # that an article takes, the empty one after it among them
LEAST_QUOTED = 3  # lines
ALSO_AT = 5  # further addresses of one text that are named
MANY = 50  # results: of more not all are offered at once
INDENT = "   "
FRAGMENT = ":~:text="


@dataclass(frozen=True, slots=True)
class Wish:
    """The number of articles that was asked for, None for the usual; ``context``: all
    passages, whole; ``index`` is named by hints."""

    limit: int | None = None
    context: bool = False
    index: IndexAddress = field(default_factory=default_index_dir)


def render(answer: Answer, terminal: Terminal, wish: Wish | None = None) -> str:
    """Write the answer as text for a terminal.

    Of each article title, facts, the best passage with what answers in sight, and the
    address; all passages with ``wish.context``.
    """
    page = _Page(terminal, wish or Wish())
    if not answer.hits:
        said = ["Nothing in the index matches this.", *page.advice()]
    elif answer.confident:
        said = page.results(answer)
    else:
        said = page.nearest(answer)
    return "\n".join([*_asked(answer), *said])


_ADVICE = (
    "Other words may find it; filters and words in quotation marks leave much out.",
    "What a blog has that is not followed yet: blog-indexer add SOURCE",
)


def _asked(answer: Answer) -> list[str]:
    """Say what was asked in place of the question, or could be."""
    lines = []
    if answer.corrected:
        lines = [
            f"Showing results for: {plain(answer.corrected)}",
            "With --exact it is asked as typed.",
        ]
    if answer.suggested:
        lines.append(f"Did you mean: {plain(answer.suggested)}")
    if lines:
        lines.append("")
    return lines


@dataclass(frozen=True, slots=True)
class _Page:
    terminal: Terminal
    wish: Wish

    @property
    def room(self) -> int:
        """Columns beside the number of a result."""
        return self.terminal.width - len(INDENT)

    def results(self, answer: Answer) -> list[str]:
        """Set out the articles that answer, the weaker ones only if asked for."""
        hits = answer.hits
        if self.wish.limit is None:
            hits = hits[: min(SHOWN, answer.total)] or hits[:SHOWN]
        lines = []
        for number, hit in enumerate(hits, 1):
            if number == answer.total + 1:
                lines += ["Weaker matches:", ""]
            lines += [*self.result(number, hit), ""]
        return [*lines, _counted(answer, len(hits))]

    def nearest(self, answer: Answer) -> list[str]:
        """Name the nearest articles where none answers, and what one can do."""
        lines = ["Nothing in the index seems to answer this. The nearest are:", ""]
        for number, hit in enumerate(answer.hits[: self.wish.limit or NEAREST], 1):
            lines += [self.title(number, hit), *self.addresses(hit)]
        return [*lines, "", *self.advice()]

    def advice(self) -> list[str]:
        """Say what one can do where nothing answers."""
        return [with_index(line, self.wish.index) for line in _ADVICE]

    def result(self, number: int, hit: Hit) -> list[str]:
        """Set out one article."""
        head = [self.title(number, hit), self.facts(hit)]
        if self.wish.context:
            return [*head, *self.passages(hit), *self.further(hit)]
        addresses = self.addresses(hit)
        taken = len(head) + 1 + sum(map(self.screen_lines, addresses))
        most = max(MOST_LINES - taken, LEAST_QUOTED)
        return [*head, *self.quote(hit, most), *addresses]

    def title(self, number: int, hit: Hit) -> str:
        """Write the number and the title, which leads to the answer."""
        title = cut(styled(plain(hit.title.strip() or hit.url), Style.TITLE), self.room)
        written = self.paint(title)
        # A terminal would open the whole export.
        if not is_within_file(hit.url):
            written = self.link(written, opening(hit))
        return f"{number:2} {written}"

    def facts(self, hit: Hit) -> str:
        """Write one line on where and when, on what is indexed, and the heading."""
        facts = [hit.site]
        if hit.author != hit.site:
            facts.append(hit.author)
        if hit.published:
            facts.append(hit.published.isoformat())
        if hit.evidence != "article":
            facts.append(STATE_WORDS[hit.evidence])
        if hit.dead_since:
            facts.append(f"dead link since {hit.dead_since.isoformat()}")
        if hit.also_at and not self.wish.context:
            facts.append(f"also at {len(hit.also_at)} more")
        if hit.passages and not self.wish.context:
            *_, nearest = _heading(hit, hit.passages[0]).split(" › ")
            facts.append(nearest)
        text = plain(" · ".join(filter(None, facts)))
        return INDENT + self.paint(cut(styled(text, Style.DIM), self.room))

    def quote(self, hit: Hit, most: int) -> list[str]:
        """Set out what is shown of an article, in at most so many lines."""
        colour = self.terminal.colour
        if hit.passages:
            quoted = short_quote(hit.passages[0], self.room, most=most, colour=colour)
            return self.indented(quoted)
        # The page asks that no text of it be shown; the note is the user's own.
        return self.note(hit)[:most]

    def passages(self, hit: Hit) -> list[str]:
        """Set out all passages of an article, whole, each under its heading."""
        lines = []
        for passage in hit.passages[:PASSAGES]:
            heading = styled(plain(_heading(hit, passage)), Style.TITLE)
            head: list[Text] = []
            if heading:
                head = wrap(heading, self.room)
            quoted = whole_quote(passage, self.room, colour=self.terminal.colour)
            lines += ["", *self.indented(head), *self.indented(quoted)]
            lines += self.address(passage.url)
        if not hit.passages:
            lines += [*self.note(hit), *self.address(hit.url)]
        return lines

    def note(self, hit: Hit) -> list[str]:
        """Wrap the note beside a link."""
        lines: list[Text] = []
        if hit.note:
            for line in plain(hit.note.text, keep="\n").splitlines():
                lines += wrap(styled(line), self.room)
        return self.indented(lines)

    def further(self, hit: Hit) -> list[str]:
        """Name the other addresses of the same text."""
        lines = []
        if hit.archived:
            lines.append(f"archived copy: {hit.archived}")
        lines += [f"also at {other}" for other in hit.also_at[:ALSO_AT]]
        if (rest := len(hit.also_at) - ALSO_AT) > 0:
            lines.append(f"and at {rest} more")
        return [f"{INDENT}{plain(line)}" for line in lines]

    def addresses(self, hit: Hit) -> list[str]:
        """Write where the answer is, and the copy of a dead link."""
        lines = self.address(opening(hit))
        if hit.archived:
            lines.append(f"{INDENT}archived copy: {plain(hit.archived)}")
        return lines

    def address(self, url: str) -> list[str]:
        """Write an address: whole, unless a link leads there.

        Of a post within an export it is the command that shows it.
        """
        if is_within_file(url):
            command = f"blog-indexer show {shlex.quote(plain(url))}"
            return [f"{INDENT}{with_index(command, self.wish.index)}"]
        if self.terminal.links:
            name = styled(plain(url.partition("#")[0]), Style.DIM)
            return [INDENT + self.link(self.paint(cut(name, self.room)), url)]
        if self.terminal.colour and self.screen_lines(f"{INDENT}{url}") > 2:
            # Three lines of an address say less than one of the text; the heading's
            # anchor is left.
            url = url.partition(FRAGMENT)[0].removesuffix("#")
        return [f"{INDENT}{plain(url)}"]

    def screen_lines(self, line: str) -> int:
        """Count the lines of the screen that a line takes."""
        if self.terminal.links:
            return 1
        return -(-width(styled(line)) // self.terminal.width)

    def indented(self, lines: Sequence[Text]) -> list[str]:
        """Write lines as they stand below a title."""
        return [f"{INDENT}{self.paint(line)}".rstrip() for line in lines]

    def paint(self, text: Text) -> str:
        """Write a text in its styles."""
        return paint(text, colour=self.terminal.colour)

    def link(self, written: str, url: str) -> str:
        """Let a text lead to an address, where the terminal can."""
        if self.terminal.links:
            return linked(written, url)
        return written


def opening(hit: Hit) -> str:
    """Return the address that opens an article at what is shown of it."""
    if hit.passages:
        return hit.passages[0].url
    return hit.url


def _heading(hit: Hit, passage: HitPassage) -> str:
    """Return the heading of a passage, "" where it only repeats the title."""
    heading = passage.heading.strip()
    if heading in (hit.title.strip(), ""):
        return ""
    return heading


def _counted(answer: Answer, shown: int) -> str:
    """Say how many articles answer, how many are weaker, and how to see more."""
    parts = [f"{answer.total} articles answer"]
    if answer.total == 1:
        parts = ["1 article answers"]
    if answer.weaker:
        matches = "matches"
        if answer.weaker == 1:
            matches = "match"
        parts.append(f"{answer.weaker} weaker {matches}")
    found = answer.total + answer.weaker
    more = ""
    if shown < found <= MANY:
        more = f" (-n {found} shows them)"
    elif shown < found:
        more = f" (-n {min(found, max(2 * shown, MANY))} shows more)"
    return f"{', '.join(parts)}{more} · {answer.took_ms:.0f} ms"
