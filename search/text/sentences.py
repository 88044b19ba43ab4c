"""Sentences of a text: rules for Latin scripts and for 。！？, quick on long texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

# The lookbehinds and possessive quantifiers keep a row of ten thousand dots from taking
# quadratic time.
_END = re.compile(
    r"""(?<![.!?…])(?P<mark>[.!?…]++)["'”’»)\]]*+\s++"""
    r"""|[。！？｡]++["'”’」』）】]*+\s*+"""
    r"""|\n[^\S\n]*+\n\s*+"""
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«]+\Z")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]\Z")

# characters of a sentence that says something by itself: 8 words of English
SHORTEST = 50
_LONGEST_ABBREVIATION = 24  # characters, with the initials before it

_MOST_LETTERS = 6  # of an abbreviation

_ABBREVIATION = re.compile(
    r"""(?:al|approx|app|apr|aug|ca|cap|cf|ch|chap|col|corp|dec|dept|dr|ed|eds|eqs?|est|feb|figs?|gen|gov|inc
    |jan|jr|jul|jun|lt|ltd|mar|messrs|mrs?|ms|mt|nos?|nov|oct|op|pp?|prof|refs?|rev|sec|sect|sen|sept?|sr|st
    |tab|vols?|vs|abb|abs|bd|bspw|bzgl|bzw|evtl|ggf|hrsg|nr|sog|str|usw|vgl|zzgl|mme|mlle|av|núm|sra|sres)\Z""",
    re.VERBOSE | re.IGNORECASE,
)


def sentence_starts(text: str) -> list[int]:
    """Return the offsets at which sentences begin, ascending, the first always 0."""
    return [0, *_inner_starts(text)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the span of each sentence, in order; short ones are taken together with
    the next, at the end with the one before.

    The spans leave out nothing but white space. A text without words gives none.
    """
    starts = sentence_starts(text)
    spans: list[tuple[int, int]] = []
    begin = 0
    for end in [*starts[1:], len(text)]:
        if end - begin >= SHORTEST and len(text[begin:end].strip()) >= SHORTEST:
            spans.append((begin, end))
            begin = end
    # A short rest goes with the sentence before it.
    if spans and begin < len(text):
        begin, _ = spans.pop()
    if text[begin:].strip():
        spans.append((begin, len(text)))
    return [_trimmed(text, start=start, end=end) for start, end in spans]


def _trimmed(text: str, *, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _inner_starts(text: str) -> Iterator[int]:
    for end in _END.finditer(text):
        if end.end() == len(text):
            return
        if not _goes_on(end):
            yield end.end()


def _goes_on(end: re.Match[str]) -> bool:
    """Say if the mark belongs to an abbreviation or stands inside a sentence."""
    mark, text = end["mark"], end.string
    if mark is None:  # 。or a blank line
        return False
    if text[end.end()].islower():
        return True
    if mark != ".":
        return False
    first = max(0, end.start() - _LONGEST_ABBREVIATION)
    # Of most marks a look at the letters before them is enough.
    letters = text[first : end.start()].rpartition(" ")[2]
    if len(letters) > _MOST_LETTERS and letters.isalpha():
        return False
    word = _LAST_WORD.search(text, first, end.start())
    # "I" ends sentences ("so do I."), other single letters are initials or "e.g",
    # "z.B".
    if word is None or word[0] == "I":
        return False
    return any(shape.match(word[0]) for shape in (_ABBREVIATION, _INITIALS))
