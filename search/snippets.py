"""Pure: which words of a passage answer to the question, and the part of a long one worth showing."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from search.sentences import sentence_starts
from search.types import Highlight
from search.words import TOKEN, stem

LENGTH = 480  # characters of an excerpt: four or five lines of a result page

Span = tuple[int, int]
_CUT = "…"
_GAP = re.compile(r"[^\S\n]*+(?:\n[^\S\n]*+)?")  # between words that belong together; a blank line parts them
_SPACES = re.compile(r"\s+")


def highlight(text: str, terms: Sequence[str], phrases: Sequence[str] = ()) -> tuple[Highlight, ...]:
    """The words of ``text`` that share a stem with a term, and whole phrases, as spans in order.

    A term of several words, such as ``torch.as_strided``, is found as a run of them. Case and
    accents don't matter; CJK writing, which has no spaces, is found inside longer writing.
    """
    spans = _joined(text, _found(text, [*terms, *phrases]))
    return tuple(Highlight(start, end) for start, end in spans)


def excerpt(
    text: str, highlights: Sequence[Highlight], *, length: int = LENGTH
) -> tuple[str, tuple[Highlight, ...]]:
    """At most ``length`` characters around the densest highlights, with the spans moved along.

    Cut between sentences or lines where one begins near enough, else between words; "…" stands
    where something was left out. Lines and indentation stay as they are.
    """
    if length < 3:
        raise ValueError(f"an excerpt needs room for more than its marks: {length}")
    if len(text) <= length:
        return text, tuple(highlights)
    room = length - 2 * len(_CUT)
    core = _densest(highlights, room)
    borders = _borders(text)
    start = _start(text, borders, core, room)
    least = core[1] if core[1] <= start + room else start  # one mark may be longer than the excerpt
    end = _end(text, borders, (start, least), start + room)
    before = _CUT if start else ""
    after = _CUT if end < len(text) else ""
    moved = (
        Highlight(max(h.start, start) - start + len(before), min(h.end, end) - start + len(before))
        for h in highlights
        if h.start < end and h.end > start
    )
    return f"{before}{text[start:end]}{after}", tuple(moved)


def _found(text: str, wanted: Iterable[str]) -> Iterator[Span]:
    """Where a term begins and ends, by ascending begin; a term is a run of one or more tokens."""
    runs: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for term in wanted:
        if run := tuple(stem(token) for token in TOKEN.findall(term)):
            runs[run[0]].add(run)
    if not runs:
        return
    initials = {first[0] for first in runs}  # stemming only changes a word's end
    tokens = list(TOKEN.finditer(text))
    for i, token in enumerate(tokens):
        initial = token.group()[0].lower()
        if initial.isascii() and initial not in initials:
            continue
        for run in runs.get(stem(token.group()), ()):
            if tuple(stem(t.group()) for t in tokens[i : i + len(run)]) == run:
                yield token.start(), tokens[i + len(run) - 1].end()


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans, by ascending begin, made one where they overlap or have nothing but space between."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and (start <= joined[-1][1] or _GAP.fullmatch(text, joined[-1][1], start)):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _densest(highlights: Sequence[Highlight], room: int) -> Span:
    """From the first to the last of the highlights that, within ``room``, cover most characters."""
    best, best_covered = (0, 0), 0
    first = covered = 0
    for last in highlights:
        covered += last.end - last.start
        while last.end - highlights[first].start > room and highlights[first] is not last:
            covered -= highlights[first].end - highlights[first].start
            first += 1
        if covered > best_covered:
            best, best_covered = (highlights[first].start, last.end), covered
    return best


def _start(text: str, borders: list[int], core: Span, room: int) -> int:
    """Where to begin so that ``core`` is shown: a sentence or line not too far before it, else a word."""
    spare = max(0, room - (core[1] - core[0]))
    if core[0] <= spare // 2:
        return 0
    # Half of what is spare goes before the core at most, so that something is seen behind it too.
    earliest = core[0] - spare // 2
    near = bisect_left(borders, earliest)
    if near < len(borders) and borders[near] <= core[0]:
        return borders[near]
    space = _SPACES.search(text, earliest, core[0])
    return space.end() if space else core[0]


def _end(text: str, borders: list[int], shown: Span, limit: int) -> int:
    """Where to end so that ``shown`` stays: after a sentence or line in the last third, else a word."""
    if limit >= len(text):
        return len(text)
    start, least = shown
    last = borders[bisect_right(borders, limit) - 1]
    if last >= least and last - start >= (limit - start) * 2 // 3:
        return start + len(text[start:last].rstrip())
    middle = (start + limit) // 2
    spaces = [match.start() for match in _SPACES.finditer(text, max(least, middle), limit + 1)]
    if spaces:
        return spaces[-1]
    return least if least > middle else limit


def _borders(text: str) -> list[int]:
    lines = (match.end() for match in re.finditer("\n", text))
    return sorted({*sentence_starts(text), *lines})
