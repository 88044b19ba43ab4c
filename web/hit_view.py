"""Pure: one article found → the pieces of it that the page's template sets out.

Nothing here is markup: the template escapes every piece by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Literal
from urllib.parse import quote, urlsplit

from search.types import Evidence, Highlight, Hit, HitPassage, Note

Span = tuple[int, int]

EVIDENCE_WORDS: dict[Evidence, str] = {
    "article": "",
    "summary": "Summary only",
    "link": "Link only",
}

ALSO_AT = 5  # further addresses of one text that are named
AT_ONCE = 900  # characters of a passage that are shown, from the answering paragraph on; the rest folds

# Passages come as plain text; half of a paragraph's lines must look like this for it to
# be set as code.
_CODE_START = re.compile(
    r"""[ \t]{2,}\S                                        # indented
    | [#@{}] | // | /\* | <[/\w] | \$\  | >>>\             # comment, decorator, brace, tag, prompt
    | (?: import | from | def | class | return | let | const | var | func | public | private )\b
    | [\w.\[\]'"]+\ ?(?: = | := | \+= | <- )               # assignment
    """,
    re.VERBOSE,
)
_CODE_END = re.compile(r"(?:[{}\\]|\S;|\w\([^()]*\)|\):)$")
_UNCLEAR = re.compile(r"[\x00-\x20\x7f-\x9f\\\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is throughout, or nowhere, marked and part of the sentence
    that answers."""

    text: str
    marked: bool
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph or one stretch of code; ``kind`` "lines" is prose whose line breaks
    count."""

    kind: Literal["prose", "lines", "code"]
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """``heading`` and ``link`` are "" where they say no more than the title and its
    link; ``before`` and ``after`` are what stands around the ``paragraphs`` that are
    seen first."""

    heading: str
    link: str
    paragraphs: tuple[Paragraph, ...]
    before: tuple[Paragraph, ...] = ()
    after: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """Another address of the same text; ``link`` is "" where no click may lead."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class ShownHit:
    """``related`` is the address to compare others with, "" where no click leads to it.
    ``badge`` is "" for whole articles; ``note_text`` is "" where a passage shows the
    same words; ``more_addresses`` counts those that ``also_at`` leaves out."""

    title: str
    title_language: str
    link: str
    site: str
    author: str
    published: date | None
    badge: str
    note: Note | None
    note_text: str
    note_link: str
    passages: tuple[ShownPassage, ...]
    also_at: tuple[ShownAddress, ...]
    more_addresses: int
    dead_since: date | None
    archived: str
    related: str


def shown_hit(hit: Hit, *, answers: bool = True) -> ShownHit:
    """What the page shows of one article; ``answers``: the sentences nearest to the
    question are marked."""
    title = hit.title.strip() or hit.url
    note = hit.note
    return ShownHit(
        title=title,
        title_language=language_of(title),
        link=followable(hit.url),
        site=hit.site or _host(hit.url),
        author=hit.author,
        published=hit.published,
        badge=EVIDENCE_WORDS[hit.evidence],
        note=note,
        note_text=note.text if note and not _is_said(note.text, hit.passages) else "",
        note_link=followable(note.page) if note else "",
        passages=tuple(
            _shown_passage(passage, hit, answers=answers) for passage in hit.passages
        ),
        also_at=tuple(
            ShownAddress(_name(url), followable(url)) for url in hit.also_at[:ALSO_AT]
        ),
        more_addresses=max(0, len(hit.also_at) - ALSO_AT),
        dead_since=hit.dead_since,
        archived=followable(hit.archived),
        related=hit.url if followable(hit.url) else "",
    )


def _shown_passage(passage: HitPassage, hit: Hit, *, answers: bool) -> ShownPassage:
    heading = passage.heading.strip()
    said_above = {hit.title.strip(), hit.note.section.strip() if hit.note else ""}
    whole = tuple(paragraphs(passage.text, passage.highlights, passage.answer))
    first, last = _seen_first(whole)
    if not answers:
        whole = tuple(paragraphs(passage.text, passage.highlights))
    return ShownPassage(
        heading="" if heading in said_above else heading,
        link="" if passage.url == hit.url else followable(passage.url),
        paragraphs=whole[first:last],
        before=whole[:first],
        after=whole[last:],
    )


def _seen_first(whole: Sequence[Paragraph]) -> tuple[int, int]:
    """Which paragraphs are seen first: from the answering one on, as many as fit
    AT_ONCE, at least one."""
    lengths = [
        sum(len(piece.text) for piece in paragraph.pieces) for paragraph in whole
    ]
    if sum(lengths) <= AT_ONCE:
        return 0, len(whole)
    answering = (
        n
        for n, paragraph in enumerate(whole)
        if any(piece.answers for piece in paragraph.pieces)
    )
    first = next(answering, 0)
    last, room = first + 1, AT_ONCE - lengths[first]
    while last < len(whole) and lengths[last] <= room:
        room -= lengths[last]
        last += 1
    return first, last


def _is_said(text: str, passages: Iterable[HitPassage]) -> bool:
    words = " ".join(text.split())
    return any(words in " ".join(passage.text.split()) for passage in passages)


def followable(url: str) -> str:
    """The address where a click may lead, "" for anything but http, https and files of
    the index.

    None with a name or password in it, which shows one host and leads to another, and
    none with signs that browsers read otherwise than we do.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if _UNCLEAR.search(url) or "@" in parts.netloc:
        return ""
    if (
        parts.scheme == "file"
    ):  # a browser follows no link from a server to a file: we hand it over
        address, _, fragment = url.partition("#")
        return f"file?url={quote(address, safe='')}" + (
            f"#{fragment}" if fragment else ""
        )
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def _host(url: str) -> str:
    return urlsplit(url).netloc.removeprefix("www.") if followable(url) else ""


def _name(url: str) -> str:
    """An address as it is read out: host and path, without what all addresses have."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")


def paragraphs(
    text: str, highlights: Sequence[Highlight], answer: Highlight | None = None
) -> Iterator[Paragraph]:
    """The paragraphs of a passage, each cut into pieces at its highlights and at the
    sentence that answers; blank lines fall away."""
    marks = _merged(highlights, len(text))
    within = _merged([answer] if answer else [], len(text))
    for kind, (start, end) in _joined_code(text, _paragraph_spans(text)):
        shown = text[start:end]
        language = "" if kind == "code" else language_of(shown)
        yield Paragraph(
            kind, language, tuple(_pieces(text, (start, end), marks, within))
        )


def _paragraph_spans(text: str) -> Iterator[Span]:
    start, at = -1, 0
    for line in text.split("\n"):
        if line.strip():
            start = at if start < 0 else start
            end = at + len(line)
        elif start >= 0:
            yield start, end
            start = -1
        at += len(line) + 1
    if start >= 0:
        yield start, end


def _joined_code(
    text: str, spans: Iterable[Span]
) -> list[tuple[Literal["prose", "lines", "code"], Span]]:
    """The kind of each span; code with blank lines in it becomes one span again."""
    joined: list[tuple[Literal["prose", "lines", "code"], Span]] = []
    for start, end in spans:
        lines = text[start:end].split("\n")
        after_code = bool(joined) and joined[-1][0] == "code"
        code = _looks_like_code(lines) or (
            after_code and _CODE_START.match(lines[0]) is not None
        )
        if code and after_code:
            joined[-1] = ("code", (joined[-1][1][0], end))
        else:
            joined.append(
                (
                    "code" if code else "lines" if len(lines) > 1 else "prose",
                    (start, end),
                )
            )
    return joined


def _looks_like_code(lines: Sequence[str]) -> bool:
    if len(lines) < 2:
        return False
    if lines[0].lstrip().startswith("$$"):
        return True
    return 2 * sum(
        bool(_CODE_START.match(line) or _CODE_END.search(line)) for line in lines
    ) >= len(lines)


def _merged(highlights: Sequence[Highlight], length: int) -> list[Span]:
    """The spans in order, cut to the text, those that touch or overlap made one."""
    merged: list[Span] = []
    for mark in sorted(highlights, key=lambda mark: mark.start):
        start, end = mark.start, min(mark.end, length)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return merged


def _pieces(
    text: str, within: Span, marks: Sequence[Span], answer: Sequence[Span]
) -> Iterator[Piece]:
    first, last = within
    borders = {
        place for span in (*marks, *answer) for place in span if first < place < last
    }
    for start, end in pairwise(sorted({first, last, *borders})):
        marked, answers = (
            any(a <= start and end <= b for a, b in spans) for spans in (marks, answer)
        )
        yield Piece(text[start:end], marked, answers)


def language_of(text: str) -> str:
    """The language where the script gives it away, so that it is read out and set
    rightly; else ""."""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    han = len(_HAN.findall(text))
    return "zh" if han and han * 5 >= len(text) else ""


def plain_date(day: date) -> str:
    """As in "28 November 2024"."""
    return f"{day.day} {day:%B %Y}"


def plain_time(iso: str) -> str:
    """An ISO 8601 time as in "28 November 2024, 08:14 UTC"; what is no time comes back
    as it is."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if moment.tzinfo:
        moment = moment.astimezone(UTC)
    return f"{plain_date(moment)}, {moment:%H:%M} UTC"
