"""Pure: what the page gave and what the sources say of it → the article to be held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from indexer.documents.dispatch import read_document
from indexer.documents.known_sites import own_address
from indexer.documents.plain_text import LARGEST as LONGEST
from indexer.extract.article import (
    Extraction,
    choose,
    extract_fragment,
    extract_page,
    extract_section,
    is_whole,
)
from indexer.extract.find_body import runs_of, words_of
from indexer.records import Item, SourceRecord
from indexer.text.language import language_of
from indexer.text.urls import canonical_of
from search.types import Article, Block, Evidence, Note

Items = Sequence[tuple[Item, SourceRecord]]

LONGEST_TITLE = 1_000  # characters, of an author's and a site's name too
LEAST = 60  # characters that a block counts for at the least: a million of one letter cost as much as pages
# The Wayback Machine's own bar stands between these two marks.
_TOOLBAR = (
    b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->",
    b"<!-- END WAYBACK TOOLBAR INSERT -->",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a worker made of a page and the feed's version of it; ``whole``: the blocks
    are the whole article. ``page`` is None where there was no page to be had."""

    page: Extraction | None
    blocks: tuple[Block, ...]
    whole: bool


def reading(
    page: Extraction | None, blocks: tuple[Block, ...], *, whole: bool
) -> Reading:
    """What was read, cut off where it is longer than anything that people write."""
    if page is not None:
        names = {
            name: getattr(page, name)[:LONGEST_TITLE]
            for name in ("title", "author", "site")
        }
        page = replace(page, **names, blocks=_limited(page.blocks))
    return Reading(page, _limited(blocks), whole)


def _limited(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    left = LONGEST
    for number, block in enumerate(blocks):
        if len(block.text) > left:
            note = Block(
                "paragraph", f"[Blogsearch has read the first {LONGEST:,} characters.]"
            )
            cut = (
                (replace(block, text=block.text[:left]),)
                if block.text[:left].strip()
                else ()
            )
            return (*blocks[:number], *cut, note)
        left -= max(len(block.text), LEAST)
    return blocks


def read(
    body: bytes | None,
    url: str,
    *,
    content_type: str = "",
    charset: str = "",
    content: str = "",
) -> Reading:
    """Read a page (None: it could not be had) beside the feed's HTML of it; runs in a
    worker."""
    from_feed = extract_fragment(content, url) if content else ()
    if body is None:
        return reading(None, from_feed, whole=is_whole(from_feed, None))
    page = read_document(body, url, content_type=content_type, charset=charset)
    page = page or extract_page(body, url, charset=charset, hint=content)
    blocks = choose(page, from_feed)
    return reading(page, blocks, whole=is_whole(blocks, page))


def read_copy(
    body: bytes, url: str, *, content_type: str = "", charset: str = ""
) -> Reading:
    """Read what a web archive has of a page, without what the archive put into it."""
    return read(without_toolbar(body), url, content_type=content_type, charset=charset)


def read_section(
    body: bytes, url: str, *, charset: str = "", content: str = ""
) -> tuple[Reading, str]:
    """Read what stands under the fragment of ``url`` as ``read`` does a page; with the
    post's own address, "" where the page names none."""
    page, permalink = extract_section(body, url, charset=charset)
    from_feed = extract_fragment(content, url) if content else ()
    blocks = choose(page, from_feed)
    whole = is_whole(blocks, page if page.blocks else None)
    return reading(page, blocks, whole=whole), permalink


def shares_text(one: Reading, other: Reading) -> bool:
    """Whether two readings of one post have half of the shorter one's text in
    common."""
    texts = (
        " ".join(block.text for block in reading.blocks) for reading in (one, other)
    )
    return _is_shared(*texts, nothing=False)


def assemble(url: str, items: Items, reading: Reading) -> Article:
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
    return replace(article, language=language_of(article.title, article.blocks, notes))


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
    return _is_shared(one.text, other.text, nothing=True)


def _is_shared(one: str, other: str, *, nothing: bool) -> bool:
    """``nothing`` is the answer where one of them has no run of words."""
    runs = [runs_of(words_of(text)) for text in (one, other)]
    fewest = min(map(len, runs))
    return 2 * len(runs[0] & runs[1]) >= fewest if fewest else nothing


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


def without_toolbar(body: bytes) -> bytes:
    """The page as it was archived. In one pass: no mark is looked for twice."""
    before, _, after = body.partition(_TOOLBAR[0])
    _, ended, rest = after.partition(_TOOLBAR[1])
    return before + rest if ended else body


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
