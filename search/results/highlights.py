"""Pure: which words of a passage answer to the question."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from search.text.tokenizer import running, stem, stemmed_alike
from search.text.word_forms import as_written, compound_parts, other_forms
from search.types import Highlight

Span = tuple[int, int]
_ACCENTED = re.compile(r"[^\W\x00-\x7f]")
_LONGEST_RUN = 500  # characters
_GOING_ON = "+#."  # C++, C#, v1.2
# between words that belong together; a blank line parts them
_GAP = re.compile(r"[^\S\n]*+(?:\n[^\S\n]*+)?")


def highlight(
    text: str, terms: Sequence[str], phrases: Sequence[str] = (), *, language: str = ""
) -> tuple[Highlight, ...]:
    """The words of ``text`` that the index finds by a term, and whole phrases, as spans
    in order.

    ``language`` is the text's. A term of several words, such as ``torch.as_strided``,
    is found as a run of them; one that is a part of a compound or an identifier marks
    it whole.
    """
    runs = _runs([*terms, *phrases], language)
    spans = sorted(
        [*_found(text, runs, language), *_found_otherwise(text, terms, language)]
    )
    return tuple(Highlight(start, end) for start, end in _joined(text, spans))


def _runs(wanted: Iterable[str], language: str) -> dict[str, set[tuple[str, ...]]]:
    """What is looked for, by its first word."""
    runs: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for term in wanted:
        if run := _run(term, language):
            runs[run[0]].add(run)
    return runs


@lru_cache(maxsize=1000)  # a question's words are looked for in some forty passages
def _run(term: str, language: str) -> tuple[str, ...]:
    return tuple(form for _, _, form in running(term, language))


@lru_cache(maxsize=1000)
def _written(term: str, language: str) -> tuple[str, ...]:
    return tuple(form for _, _, form in as_written(term, language))


def _found(
    text: str, runs: Mapping[str, set[tuple[str, ...]]], language: str
) -> Iterator[Span]:
    if not runs:
        return
    if (
        stemmed_alike([language]) == [""]
        and not _ACCENTED.search(text)
        and all(map(_is_plain, runs))
    ):
        yield from _found_by_beginning(text, runs, language)
        return
    initials = {first[0] for first in runs} | {"v"}  # v1.2 is held as 1.2
    words = list(running(text, language, initials))
    for i, (start, _, form) in enumerate(words):
        for run in runs.get(form, ()):
            end = words[min(i + len(run), len(words)) - 1][1]
            if (
                len(run) == 1
                or tuple(f for _, _, f in running(text[start:end], language)) == run
            ):
                yield start, end


def _found_by_beginning(
    text: str, runs: Mapping[str, set[tuple[str, ...]]], language: str
) -> Iterator[Span]:
    """The same, four times as fast: Porter's stemmer leaves all but the last letter of
    a stem as it was, so that only words which begin so are worth stemming."""
    for found in _beginnings(tuple(sorted(runs))).finditer(text):
        start, end = found.span()
        stands_alone = end == len(text) or (
            text[end].isascii() and text[end] not in _GOING_ON
        )
        for run in runs.get(stem(found[0], language), ()):
            if len(run) == 1 and stands_alone:
                yield start, end
                continue
            words = list(
                islice(running(text[start : start + _LONGEST_RUN], language), len(run))
            )
            if tuple(form for _, _, form in words) == run:
                yield start, start + words[-1][1]


@lru_cache(maxsize=1000)
def _beginnings(stems: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(stem[:-1] if len(stem) > 2 else stem for stem in stems)
    return re.compile(rf"(?<!\w)(?:{either})\w*", re.IGNORECASE | re.ASCII)


def _is_plain(form: str) -> bool:
    return form.isascii() and form.isalpha()


def _found_otherwise(text: str, terms: Iterable[str], language: str) -> Iterator[Span]:
    """Words with their signs, hyphenated words as one, compounds and identifiers by a
    part."""
    forms: set[str] = set()
    beginnings: tuple[str, ...] = ()
    for term in terms:
        forms.update(_written(term, language))
        words = _run(term, language)
        if len(words) == 1:
            forms.add(words[0])
            beginnings += compound_parts(words[0])
    if forms:
        for start, end, form in other_forms(text, language, forms):
            if form in forms or form.startswith(beginnings):
                yield start, end


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans, by ascending begin, made one where they overlap or have nothing but space
    between."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and (
            start <= joined[-1][1] or _GAP.fullmatch(text, joined[-1][1], start)
        ):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
