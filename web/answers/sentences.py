"""Sentences with their citations, out of a text that comes piece by piece.

In whatever pieces it comes, the sentences are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from search.text.sentences import sentence_starts

LONGEST_CITATION = 40  # characters, as in [1, 2, 3, 4, 5]
MOST_IN_A_RANGE = 20  # numbers; [1-999] cites nothing
_IN_CITATION = frozenset("0123456789,;-– \u00a0")
_CLOSES_UP = frozenset(".,;:!?…)。，；：！？）")  # no space stands before these
_NUMBERS = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", re.ASCII)
# The marks of a list, a heading or a quotation at the beginning of a line.
_LEADING_MARKS = re.compile(r"\A(?:[-*+•#>]+\s+|\d{1,2}[.)]\s+)+")
# Controls, and marks that turn the direction of what follows.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_THOUGHTS = ("<think>", "</think>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence without its citations; these are as they were written, ascending,
    0 for one that makes no sense."""

    text: str
    citations: tuple[int, ...] = ()


class SentenceReader:
    """Takes a text in any pieces and gives each sentence once the next has begun.

    A line ends a sentence. What stands behind a full stop in brackets belongs to the
    sentence before it, as models often cite so.
    """

    def __init__(self) -> None:
        self._line = ""  # the line so far, without citations
        self._given = 0  # characters of it that were given
        self._cited: list[tuple[int, tuple[int, ...]]] = []  # by place in the line
        self._held = ""  # what may become a citation
        self._has_cited = False  # just now
        self._is_code = False  # between `backticks`, where [0] cites nothing

    def feed(self, text: str) -> Iterator[Sentence]:
        """Take more of the text; give the sentences that are complete with it."""
        for sign in text:
            if sign == "\n":
                yield from self.end()
            elif self._held:
                self._hold(sign)
            elif sign == "[" and not self._is_code:
                self._held = sign
            else:
                self._take(sign)
        # The first stretch that has not ended yet stays: citations may follow.
        starts = sentence_starts(self._line)
        yield from self._give([at for at in starts if at > self._given])

    def end(self) -> Iterator[Sentence]:
        """Give what is left of the line."""
        self._release()
        starts = sentence_starts(self._line)
        ends = [at for at in starts if at > self._given]
        yield from self._give([*ends, len(self._line)])
        self._line, self._given, self._cited = "", 0, []
        self._has_cited = self._is_code = False

    def _take(self, sign: str) -> None:
        if sign == "`":
            self._is_code = not self._is_code
        if self._has_cited and sign in _CLOSES_UP:
            self._line = self._line.rstrip()
        self._has_cited = False
        self._line += sign

    def _hold(self, sign: str) -> None:
        """Take a sign behind an open bracket."""
        if sign == "]" and self._held.strip("[ "):
            place = len(self._line.rstrip())
            self._cited.append((place, _numbers(self._held[1:])))
            self._held, self._has_cited = "", True
        elif sign in _IN_CITATION and len(self._held) < LONGEST_CITATION:
            self._held += sign
        else:
            self._release()
            if sign == "[":
                self._held = sign
            else:
                self._take(sign)

    def _release(self) -> None:
        # It was no citation.
        held, self._held = self._held, ""
        for sign in held:
            self._take(sign)

    def _give(self, ends: Iterable[int]) -> Iterator[Sentence]:
        for end in ends:
            text = self._line[self._given : end]
            last = self._given + len(text.rstrip())
            cited = [numbers for place, numbers in self._cited if place <= last]
            self._cited = [one for one in self._cited if one[0] > last]
            self._given = end
            words = _tidy(text)
            # Without a letter it is a number of a list, or a line to part two others.
            if any(map(str.isalpha, words)):
                yield Sentence(words, tuple(sorted({n for ns in cited for n in ns})))


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """Leave out what a model thinks aloud, <think>…</think>, before it answers."""
    opening, closing = _THOUGHTS
    begun, is_thinking, is_answering = "", False, False
    for piece in pieces:
        if is_answering:
            yield piece
            continue
        begun += piece
        if not is_thinking:
            begun = begun.lstrip()
            is_thinking = begun.startswith(opening)
            is_answering = not is_thinking and not opening.startswith(begun)
        if is_thinking:
            before, end, after = begun.partition(closing)
            is_answering = bool(end)
            # The end of the thoughts may come in parts.
            begun = after if is_answering else before[-len(closing) :]
        # White space and thoughts are silence.
        yield begun if is_answering else ""


def _tidy(text: str) -> str:
    plain = _UNSEEN.sub(" ", text)
    return " ".join(_LEADING_MARKS.sub("", plain.strip()).split())


def _numbers(text: str) -> tuple[int, ...]:
    """Read what stands between the brackets of a citation; a 0 for nonsense."""
    numbers: set[int] = set()
    for part in re.split("[,;]", text):
        found = _NUMBERS.fullmatch(part.strip())
        if found is None:
            numbers.add(0)
            continue
        first = int(found[1])
        last = int(found[2] or found[1])
        is_range = first <= last < first + MOST_IN_A_RANGE
        numbers.update(range(first, last + 1) if is_range else {0})
    return tuple(numbers)
