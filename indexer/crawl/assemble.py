"""The article to be stored, made of its page and of what the sources say of it.

Does no input or output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

from indexer.crawl.tasks import Items
from indexer.crawl.titles import first_words, proper_title
from indexer.documents.known_sites import own_address
from indexer.documents.read_page import ExtractedArticle, share_text
from indexer.extract.article import Extraction
from indexer.records import Item
from indexer.sources.feed.items import LEAST_REMARK, words_of
from indexer.text.language import detect_language
from indexer.text.urls import canonical_of
from search.text.tags import names_of, tags_of
from search.types import Article, Block, Evidence, Note

# Characters of a link text that names the thing it leads to; "here" and "link" do not.
LEAST_NAME = 10
FIRST_YEAR = 1970  # earlier dates are unset clocks


def assemble(address: str, items: Items, extracted: ExtractedArticle) -> Article:
    """Make the article that belongs under an address.

    What is missing in the page is taken from the sources.
    """
    said, notes = feed_item(items), notes_of(items)
    if remark := _remark(items, extracted):
        # It is another site's article: the feed has only words of its own about it.
        said, notes = replace(said, author="", site=""), (remark, *notes)
    page = extracted.page or Extraction(address)
    site = page.site
    if extracted.page is not None:
        site = site or _host(address)
    evidence: Evidence = "link" if notes else "summary"
    if extracted.blocks:
        evidence = "article" if extracted.whole else "summary"
    article = Article(
        url=address,
        title=_title(said, page.title, items, extracted.blocks) or address,
        site=said.site or site,
        author=said.author or page.author,
        published=_day(said.published) or page.published,
        evidence=evidence,
        blocks=extracted.blocks,
        notes=notes,
    )
    return labelled(with_language(article), items)


def labelled(article: Article, items: Items) -> Article:
    """Return the article with the tags that its sources give it together, and in the
    collections that they are in."""
    return replace(
        article,
        tags=tags_of(tag for item, _ in items for tag in item.tags),
        collections=names_of(name for _, one in items for name in one.collections),
    )


def _title(said: Item, shown: str, items: Items, blocks: Sequence[Block]) -> str:
    """Return the title that the feed gives, or the page, or a link; else the first
    words."""
    titles = [proper_title(title, said.site, blocks) for title in (said.title, shown)]
    # A link page's words name its link, and a feed's untitled post has no better ones.
    if not any(item.notes for item, _ in items):
        titles.append(first_words(blocks))
    return next(filter(None, titles), "") or _link_text(items)


def _remark(items: Items, extracted: ExtractedArticle) -> Note | None:
    """Return the words of a feed about the page of another site, where they are no part
    of what that page says."""
    for item, source in items:
        if not item.elsewhere or extracted.page is None or not extracted.page.blocks:
            continue
        words = words_of(item.content)
        text = " ".join(block.text for block in extracted.page.blocks)
        if len(words) < LEAST_REMARK:
            continue
        if not share_text(words, text, without_words=words in text):
            return Note(words, item.title, "", _day(item.published), source.url, 0)
    return None


def address_of(url: str, extracted: ExtractedArticle | None) -> str:
    """Return the address under which the article behind ``url`` belongs."""
    if own := own_address(url):
        return own
    if extracted is None or extracted.page is None:
        return url
    # The page names a believable canonical address, or has the one that answered.
    named = extracted.page.url
    if named == url:
        return url
    return canonical_of(named)


def refresh(stored: Article, items: Items) -> Article:
    """Return the stored article with what the sources say of it now."""
    said = feed_item(items)
    if remarks := _remarks_kept(stored, items):
        said = replace(said, author="")
    refreshed = replace(
        stored,
        title=proper_title(said.title, stored.site, stored.blocks) or stored.title,
        author=said.author or stored.author,
        published=_day(said.published) or stored.published,
        notes=(*remarks, *notes_of(items)),
    )
    return labelled(with_language(refreshed), items)


def _remarks_kept(stored: Article, items: Items) -> tuple[Note, ...]:
    """Return the stored remarks of feeds that still lead to another site's page."""
    sources = {source.url for item, source in items if item.elsewhere}
    return tuple(note for note in stored.notes if note.page in sources)


def with_language(article: Article) -> Article:
    """Return the article with its language as its words show it.

    A bare link's notes speak for it.
    """
    notes: list[str] = []
    if not article.blocks:
        notes = [note.text for note in article.notes]
    language = detect_language(article.title, article.blocks, notes)
    return replace(article, language=language)


def feed_item(items: Items) -> Item:
    """Return what a feed says of the article, an empty item if only link pages do."""
    return next((item for item, _ in items if not item.notes), Item(url=""))


def notes_of(items: Items) -> tuple[Note, ...]:
    """Return the notes that link pages have beside an address, newest first."""
    notes = [
        Note(text, anchor, section, _date(noted), source.url, position)
        for item, source in items
        for text, anchor, section, noted, position in item.notes
    ]
    return tuple(sorted(notes, key=_age, reverse=True))


def _age(note: Note) -> tuple[int, int]:
    day = 0
    if note.noted:
        day = note.noted.toordinal()
    # On one page what stands higher is newer.
    return day, -note.position


def _date(text: str) -> date | None:
    if text:
        return date.fromisoformat(text)
    return None


def _day(text: str) -> date | None:
    day = _date(text)
    if day is None or day.year < FIRST_YEAR:
        return None
    return day


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _link_text(items: Items) -> str:
    """Return the longest link text, with the address where it does not name a thing."""
    if not items:
        return ""
    text = max((item.title for item, _ in items), key=len)
    if len(text) >= LEAST_NAME:
        return text
    first, _ = items[0]
    parts = urlsplit(first.url)
    if not parts.hostname:
        return text
    return f"{text} ({parts.hostname}{parts.path})".lstrip()
