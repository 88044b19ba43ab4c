"""One article of the results, as the page's template sets it out.

Holds no markup: the template escapes every text by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

from search.text.languages import language_by_script
from search.types import Evidence, Hit, HitPassage, Note
from web.text_view import Paragraph, paragraphs

Span = tuple[int, int]

EVIDENCE_WORDS: dict[Evidence, str] = {
    "article": "",
    "summary": "Summary only",
    "link": "Link only",
}

ALSO_AT = 5  # further addresses of one text that are named
# Characters of a passage that are shown, from the answering paragraph on; the rest
# folds. About ten lines on a wide screen.
AT_ONCE = 900
# Signs that browsers read otherwise than we do: controls, spaces, the backslash, and
# marks that turn the direction of writing.

_UNCLEAR = re.compile(r"[\x00-\x20\x7f-\x9f\\\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage with the paragraphs that are visible, and those folded around them.

    ``heading`` and ``link`` are "" where they say no more than the title and its link.
    """

    heading: str
    link: str
    paragraphs: tuple[Paragraph, ...]
    before: tuple[Paragraph, ...] = ()
    after: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True)
class AddressLink:
    """Another address of the same text; ``link`` is "" where no click may lead."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class HitView:
    """One article of the results.

    ``related`` is the address to compare others with, "" where no click leads to it.
    ``badge`` is "" for whole articles, ``note_text`` where a passage shows the same
    words. ``more_addresses`` counts those that ``also_at`` leaves out.
    """

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
    passages: tuple[PassageView, ...]
    also_at: tuple[AddressLink, ...]
    more_addresses: int
    dead_since: date | None
    archived: str
    related: str


def hit_view(hit: Hit, *, answers: bool = True) -> HitView:
    """Set out one article; with ``answers`` the sentences that answer are marked."""
    title = hit.title.strip() or hit.url
    link = followable(hit.url)
    note = hit.note
    note_text = note_link = related = ""
    if note:
        note_link = followable(note.page)
        if not _is_quoted(note.text, hit.passages):
            note_text = note.text
    if link:
        related = hit.url
    return HitView(
        title=title,
        title_language=language_by_script(title),
        link=link,
        site=hit.site or _host(hit.url),
        author=hit.author,
        published=hit.published,
        badge=EVIDENCE_WORDS[hit.evidence],
        note=note,
        note_text=note_text,
        note_link=note_link,
        passages=tuple(
            _passage_view(passage, hit, answers=answers) for passage in hit.passages
        ),
        also_at=tuple(
            AddressLink(_name(url), followable(url)) for url in hit.also_at[:ALSO_AT]
        ),
        more_addresses=max(0, len(hit.also_at) - ALSO_AT),
        dead_since=hit.dead_since,
        archived=followable(hit.archived),
        related=related,
    )


def _passage_view(passage: HitPassage, hit: Hit, *, answers: bool) -> PassageView:
    heading = passage.heading.strip()
    if heading == hit.title.strip() or (
        hit.note and heading == hit.note.section.strip()
    ):
        heading = ""
    link = ""
    if passage.url != hit.url:
        link = followable(passage.url)
    whole = tuple(paragraphs(passage.text, passage.highlights, passage.answer))
    first, last = _visible_range(whole)
    if not answers:
        whole = tuple(paragraphs(passage.text, passage.highlights))
    return PassageView(
        heading=heading,
        link=link,
        paragraphs=whole[first:last],
        before=whole[:first],
        after=whole[last:],
    )


def _visible_range(whole: Sequence[Paragraph]) -> tuple[int, int]:
    """Choose the paragraphs that are visible before anything is unfolded."""
    # From the answering one on, as many as fit AT_ONCE, at least one.
    lengths = [len("".join(run.text for run in one.runs)) for one in whole]
    if sum(lengths) <= AT_ONCE:
        return 0, len(whole)
    answering = [any(run.answers for run in one.runs) for one in whole]
    first = answering.index(True) if True in answering else 0
    last, room = first + 1, AT_ONCE - lengths[first]
    while last < len(whole) and lengths[last] <= room:
        room -= lengths[last]
        last += 1
    return first, last


def _is_quoted(text: str, passages: Iterable[HitPassage]) -> bool:
    words = " ".join(text.split())
    return any(words in " ".join(passage.text.split()) for passage in passages)


def followable(url: str) -> str:
    """Give the address where a click may lead, "" where none may.

    Only http, https and files of the index; none with a name or password in it, which
    shows one host and leads to another.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if _UNCLEAR.search(url) or "@" in parts.netloc:
        return ""
    if parts.scheme == "file":
        # A browser follows no link from a server to a file: we hand it over.
        address, mark, fragment = url.partition("#")
        return f"file?url={quote(address, safe='')}{mark}{fragment}"
    if parts.scheme in {"http", "https"} and parts.netloc:
        return url
    return ""


def _host(url: str) -> str:
    if not followable(url):
        return ""
    return urlsplit(url).netloc.removeprefix("www.")


def _name(url: str) -> str:
    """Shorten an address to how it is read out: host and path."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
