"""Highlights: the words of a passage that answer to the question, as spans.

It reads only the text that is given, and finds what the lexical index would find.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from string import ascii_letters, digits
from typing import NamedTuple

from search.text.tokenizer import (
    has_english_stemmer,
    running,
    running_forms,
    stem,
)
from search.text.word_forms import Run, as_written, compound_parts, other_forms, runs_of
from search.types import Highlight

Span = tuple[int, int]

_ACCENTED = re.compile(r"[^\W\x00-\x7f]")
_LONGEST_RUN = 500  # characters in which a run has to end; longer terms are not asked
_WORD = re.compile(r"\w+", re.ASCII)
_LETTERS = frozenset(f"{ascii_letters}{digits}_")
_CONTINUING = "+#."  # signs with which a word may go on: C++, C#, v1.2
# Between words that belong together; a blank line separates them.
_GAP = re.compile(r"[^\S\n]*+(?:\n[^\S\n]*+)?")


def highlight(
    text: str, terms: Sequence[str], phrases: Sequence[str] = (), *, language: str = ""
) -> tuple[Highlight, ...]:
    """Return the words of ``text`` that the index finds by a term, and whole phrases,
    as spans in order.

    ``language`` is the text's. A term of several words, such as ``torch.as_strided``,
    is found as a run of them; one that is a part of a compound or an identifier marks
    it whole.
    """
    wanted = _wanted(tuple(terms), tuple(phrases), language)
    spans = [*_run_spans(text, wanted, language), *_other_spans(text, wanted, language)]
    return tuple(Highlight(start, end) for start, end in _joined(text, sorted(spans)))


class _Wanted(NamedTuple):
    """The forms of a question's words: ``runs`` by their first, and of single words the
    other ``forms`` with the ``beginnings`` of their compounds."""

    runs: Mapping[str, set[Run]]
    forms: frozenset[str]
    beginnings: Run


@lru_cache(maxsize=100)  # a question's words are looked for in some forty passages
def _wanted(terms: Run, phrases: Run, language: str) -> _Wanted:
    by_first: dict[str, set[Run]] = defaultdict(set)
    for term in (*terms, *phrases):
        for run in runs_of(term, language):
            by_first[run[0]].add(run)
    forms: set[str] = set()
    beginnings: Run = ()
    for term in terms:
        forms.update(form for _, _, form in as_written(term, language))
        for words in runs_of(term, language):
            if len(words) == 1:
                forms.add(words[0])
                beginnings += compound_parts(words[0])
    return _Wanted(dict(by_first), frozenset(forms), beginnings)


def _run_spans(text: str, wanted: _Wanted, language: str) -> Iterator[Span]:
    runs = wanted.runs
    if not runs:
        return iter(())
    if _is_plain_english(text, runs, language):
        return _spans_by_beginning(text, runs, language)
    return _spans_word_by_word(text, runs, language)


def _is_plain_english(text: str, runs: Mapping[str, set[Run]], language: str) -> bool:
    if not has_english_stemmer(language):
        return False
    if not text.isascii() and _ACCENTED.search(text):
        return False
    return all(form.isascii() and form.isalpha() for form in runs)


def _spans_word_by_word(
    text: str, runs: Mapping[str, set[Run]], language: str
) -> Iterator[Span]:
    initials = {first[0] for first in runs} | {"v"}  # v1.2 is indexed as 1.2
    words = list(running(text, language, initials))
    for i, (start, _, form) in enumerate(words):
        for run in runs.get(form, ()):
            last = min(i + len(run), len(words)) - 1
            end = words[last][1]
            if len(run) == 1 or running_forms(text[start:end], language) == run:
                yield start, end


def _spans_by_beginning(
    text: str, runs: Mapping[str, set[Run]], language: str
) -> Iterator[Span]:
    """Find the same, four times as fast: Porter's stemmer leaves all but the last
    letter of a stem as it was, so that only words which begin so are worth stemming."""
    for start, end in _words_beginning(text, _beginnings(tuple(runs))):
        for run in runs.get(stem(text[start:end], language), ()):
            if len(run) == 1 and _stands_alone(text, end):
                yield start, end
                continue
            near = running(text[start : start + _LONGEST_RUN], language)
            words = list(islice(near, len(run)))
            if tuple(form for _, _, form in words) == run:
                yield start, start + words[-1][1]


@lru_cache(maxsize=1000)
def _beginnings(stems: Run) -> frozenset[str]:
    return frozenset(stem[:-1] if len(stem) > 2 else stem for stem in stems)


def _words_beginning(text: str, beginnings: Iterable[str]) -> Iterator[Span]:
    """Yield the words that begin so, capitals aside, in no particular order."""
    # An expression for all of them takes three times as long as looking for each.
    small = text.lower()
    starts: set[int] = set()
    for letters in beginnings:
        start = small.find(letters)
        while start >= 0:
            if not start or text[start - 1] not in _LETTERS:
                starts.add(start)
            start = small.find(letters, start + 1)
    for start in starts:
        if word := _WORD.match(text, start):
            yield word.span()


def _stands_alone(text: str, end: int) -> bool:
    following = text[end : end + 1] or " "
    return following.isascii() and following not in _CONTINUING


def _other_spans(text: str, wanted: _Wanted, language: str) -> Iterator[Span]:
    """Find words with their signs, hyphenated words as one, and compounds and
    identifiers by a part."""
    if not wanted.forms:
        return
    for start, end, form in other_forms(text, language, wanted.forms):
        if form in wanted.forms or form.startswith(wanted.beginnings):
            yield start, end


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Join spans, in ascending order, that overlap or have nothing but space between
    them."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and _is_adjacent(text, joined[-1][1], start):
            first, last = joined[-1]
            joined[-1] = first, max(last, end)
        else:
            joined.append((start, end))
    return joined


def _is_adjacent(text: str, end: int, start: int) -> bool:
    return start <= end or _GAP.fullmatch(text, end, start) is not None
