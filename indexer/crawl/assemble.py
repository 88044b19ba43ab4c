"""The article to be stored, made of its page and of what the sources say of it.

Does no input or output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

from indexer.documents.known_sites import own_address
from indexer.documents.read_page import ExtractedArticle, share_text
from indexer.records import Item, SourceRecord
from indexer.text.language import detect_language
from indexer.text.urls import canonical_of
from search.types import Article, Block, Evidence, Note

Items = Sequence[tuple[Item, SourceRecord]]


def assemble(url: str, items: Items, reading: ExtractedArticle) -> Article:
    """The article behind an address. What is missing in the page is taken from the
    sources."""
    page = reading.page
    said = feed_item(items)
    blocks = reading.blocks
    notes = notes_of(list(items))
    own = own_address(url)
    made = Article(
        url=own or (canonical_of(page.url) if page and page.url != url else url),
        title=said.title or (page.title if page else "") or _link_text(items) or url,
        site=said.site or (page.site or _host(own or page.url) if page else ""),
        author=said.author or (page.author if page else ""),
        published=_day(said.published) or (page.published if page else None),
        evidence=_evidence(blocks, whole=reading.whole, notes=bool(notes)),
        blocks=blocks,
        notes=notes,
    )
    return with_language(made)


def refresh(held: Article, items: Items) -> Article:
    """The article as it is held, with what the sources say of it now."""
    said = feed_item(items)
    now = replace(
        held,
        title=said.title or held.title,
        author=said.author or held.author,
        published=_day(said.published) or held.published,
        notes=notes_of(list(items)),
    )
    return with_language(now)


def with_language(article: Article) -> Article:
    """The article with its language as its words show it now; a bare link's notes speak
    for it."""
    notes = () if article.blocks else (note.text for note in article.notes)
    return replace(
        article, language=detect_language(article.title, article.blocks, notes)
    )


def feed_item(items: Items) -> Item:
    """What a feed says of the article, an empty item where only link pages name it."""
    return next((item for item, _ in items if not item.notes), Item(url=""))


def stored_item(items: Items) -> Item | None:
    """What a folder or an archive on disk holds of the article: its text needs no
    fetching."""
    return next(
        (item for item, source in items if source.kind in ("folder", "archive")), None
    )


def is_same_text(one: Article, other: Article) -> bool:
    """Whether two whole articles have half of the shorter one's text in common; a
    summary tells nothing."""
    if one.evidence != "article" or other.evidence != "article":
        return True
    return share_text(one.text, other.text, without_words=True)


def _evidence(blocks: tuple[Block, ...], *, whole: bool, notes: bool) -> Evidence:
    if blocks:
        return "article" if whole else "summary"
    return "link" if notes else "summary"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _link_text(items: Items) -> str:
    """The longest link text that names the thing rather than "here"."""
    texts = [item.title for item, _ in items if item.title]
    text = max(texts, key=len, default="")
    if len(text) > len("link here"):
        return text
    url = items[0][0].url if items else ""
    parts = urlsplit(url)
    return " ".join(
        part
        for part in (text, f"({parts.hostname}{parts.path})" if parts.hostname else "")
        if part
    )


def _day(text: str) -> date | None:
    day = date.fromisoformat(text) if text else None
    return (
        day if day is not None and day.year >= 1970 else None
    )  # earlier ones are unset clocks


def notes_of(items: list[tuple[Item, SourceRecord]]) -> tuple[Note, ...]:
    """The notes that link pages have beside an address, newest first."""
    notes = [
        Note(
            text,
            anchor,
            section,
            date.fromisoformat(noted) if noted else None,
            source.url,
            position,
        )
        for item, source in items
        for text, anchor, section, noted, position in item.notes
    ]
    return tuple(
        sorted(
            notes,
            key=lambda n: (n.noted.toordinal() if n.noted else 0, -n.position),
            reverse=True,
        )
    )
