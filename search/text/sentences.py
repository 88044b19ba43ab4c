"""Where sentences begin: rules for Latin scripts and for 。！？, quick on long texts."""

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

_ABBREVIATION = re.compile(
    r"""(?:al|approx|app|apr|aug|ca|cap|cf|ch|chap|col|corp|dec|dept|dr|ed|eds|eqs?|est|feb|figs?|gen|gov|inc
    |jan|jr|jul|jun|lt|ltd|mar|messrs|mrs?|ms|mt|nos?|nov|oct|op|pp?|prof|refs?|rev|sec|sect|sen|sept?|sr|st
    |tab|vols?|vs|abb|abs|bd|bspw|bzgl|bzw|evtl|ggf|hrsg|nr|sog|str|usw|vgl|zzgl|mme|mlle|av|núm|sra|sres)\Z""",
    re.VERBOSE | re.IGNORECASE,
)


def sentence_starts(text: str) -> list[int]:
    """Offsets at which a sentence begins, ascending, the first always 0."""
    return [0, *_inner_starts(text)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, in order; short ones are taken together with
    the next.

    The spans leave out nothing but white space. A text without words gives none.
    """
    starts = sentence_starts(text)
    spans: list[tuple[int, int]] = []
    begin: int | None = None
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        begin = start if begin is None else begin
        if len(text[begin:end].strip()) >= SHORTEST:
            spans.append((begin, end))
            begin = None
    if begin is not None:
        spans = [*spans[:-1], (spans[-1][0] if spans else begin, len(text))]
    return [
        trimmed for span in spans if (trimmed := _trimmed(text, *span))[0] < trimmed[1]
    ]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _inner_starts(text: str) -> Iterator[int]:
    for end in _END.finditer(text):
        if end.end() == len(text):
            return
        mark = end.group("mark")
        if mark is None or not _goes_on(text, end.start(), mark, text[end.end()]):
            yield end.end()


def _goes_on(text: str, stop: int, mark: str, following: str) -> bool:
    """Whether the mark at ``stop`` belongs to an abbreviation or stands inside a
    sentence."""
    if following.islower():
        return True
    if mark != ".":
        return False
    word = _LAST_WORD.search(text, max(0, stop - 24), stop)
    if word is None:
        return False
    last = word.group()
    # "I" ends sentences ("so do I."), other single letters are initials or "e.g",
    # "z.B".
    return bool(_ABBREVIATION.match(last)) or (
        last != "I" and bool(_INITIALS.match(last))
    )
