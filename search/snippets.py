"""Pure: which words of a passage answer to the question."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from search.types import Highlight
from search.words import TOKEN, stem

Span = tuple[int, int]
_GAP = re.compile(r"[^\S\n]*+(?:\n[^\S\n]*+)?")  # between words that belong together; a blank line parts them


def highlight(text: str, terms: Sequence[str], phrases: Sequence[str] = ()) -> tuple[Highlight, ...]:
    """The words of ``text`` that share a stem with a term, and whole phrases, as spans in order.

    A term of several words, such as ``torch.as_strided``, is found as a run of them. Case and
    accents don't matter; CJK writing, which has no spaces, is found inside longer writing.
    """
    spans = _joined(text, _found(text, [*terms, *phrases]))
    return tuple(Highlight(start, end) for start, end in spans)


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
