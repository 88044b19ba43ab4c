"""Pure: which words of a passage answer to the question, and the part of a long one worth showing."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from search.sentences import sentence_starts
from search.types import Highlight
from search.words import CJK_RUN, WORD, stem

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
    wanted = [*terms, *phrases]
    spans = sorted([*_word_spans(text, wanted), *_cjk_spans(text, wanted)])
    return tuple(Highlight(start, end) for start, end in _joined(text, spans))


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
    end = _end(text, borders, (start, min(core[1], start + room)), start + room)
    before = _CUT if start else ""
    after = _CUT if end < len(text) else ""
    moved = (
        Highlight(max(h.start, start) - start + len(before), min(h.end, end) - start + len(before))
        for h in highlights
        if h.start < end and h.end > start
    )
    return f"{before}{text[start:end]}{after}", tuple(moved)


def _word_spans(text: str, wanted: Iterable[str]) -> Iterator[Span]:
    runs: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for term in wanted:
        if not CJK_RUN.search(term) and (stems := tuple(stem(word) for word in WORD.findall(term))):
            runs[stems[0]].add(stems)
    if not runs:
        return
    words = list(WORD.finditer(text))
    stems_of_text = [stem(word.group()) for word in words]
    for i, first in enumerate(stems_of_text):
        for run in runs.get(first, ()):
            if tuple(stems_of_text[i : i + len(run)]) == run:
                yield words[i].start(), words[i + len(run) - 1].end()


def _cjk_spans(text: str, wanted: Iterable[str]) -> Iterator[Span]:
    terms = sorted({term for term in wanted if CJK_RUN.search(term)}, key=lambda term: (-len(term), term))
    if terms:
        # Looking ahead finds overlapping ones too: 机器 and 器学 in 机器学.
        found = re.compile(f"(?=({'|'.join(map(re.escape, terms))}))", re.IGNORECASE)
        yield from (match.span(1) for match in found.finditer(text))


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Sorted spans with those made one that overlap or have nothing but space between them."""
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
    spaces = [match.start() for match in _SPACES.finditer(text, max(least, (start + limit) // 2), limit + 1)]
    return spaces[-1] if spaces else limit


def _borders(text: str) -> list[int]:
    lines = (match.end() for match in re.finditer("\n", text))
    return sorted({*sentence_starts(text), *lines})
