"""One article of the results, as the page's template sets it out.

Holds no markup: the template escapes every text by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from search.text.languages import language_by_script
from search.types import Evidence, Hit, HitPassage, Note
from web.block_view import BlockView, block_views, runs_of
from web.security import followable

Span = tuple[int, int]

EVIDENCE_WORDS: dict[Evidence, str] = {
    "article": "",
    "summary": "Summary only",
    "link": "Link only",
}

ALSO_AT = 5  # further addresses of one text that are named
# Characters of a passage that are shown, from the answering block on; the rest
# folds. About ten lines on a wide screen.
AT_ONCE = 900


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage with the blocks that are visible, and those folded around them.

    ``heading`` and ``link`` are "" where they say no more than the title and its link.
    """

    heading: str
    link: str
    blocks: tuple[BlockView, ...]
    before: tuple[BlockView, ...] = ()
    after: tuple[BlockView, ...] = ()


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
    shown = passage.text, passage.blocks, passage.highlights
    whole = tuple(block_views(*shown, passage.answer))
    first, last = _visible_range(whole)
    if not answers:
        whole = tuple(block_views(*shown))
    return PassageView(
        heading=heading,
        link=link,
        blocks=whole[first:last],
        before=whole[:first],
        after=whole[last:],
    )


def _visible_range(whole: Sequence[BlockView]) -> tuple[int, int]:
    """Choose the blocks that are visible before anything is unfolded."""
    # From the answering one on, as many as fit AT_ONCE, at least one.
    lengths = [sum(len(run.text) for run in runs_of(one)) for one in whole]
    if sum(lengths) <= AT_ONCE:
        return 0, len(whole)
    answering = [any(run.answers for run in runs_of(one)) for one in whole]
    first = answering.index(True) if True in answering else 0
    last, room = first + 1, AT_ONCE - lengths[first]
    while last < len(whole) and lengths[last] <= room:
        room -= lengths[last]
        last += 1
    return first, last


def _is_quoted(text: str, passages: Iterable[HitPassage]) -> bool:
    words = " ".join(text.split())
    return any(words in " ".join(passage.text.split()) for passage in passages)


def _host(url: str) -> str:
    if not followable(url):
        return ""
    return urlsplit(url).netloc.removeprefix("www.")


def _name(url: str) -> str:
    """Shorten an address to how it is read out: host and path."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
