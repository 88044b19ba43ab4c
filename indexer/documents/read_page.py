"""The text of an article out of the bytes of its page, beside what the feed has of it.

Runs in worker processes. Knows nothing of what the sources say besides the text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexer.documents.dispatch import kind_of, read_document, read_html
from indexer.documents.paper import with_document
from indexer.documents.plain_text import LARGEST as LONGEST
from indexer.extract.article import (
    Extraction,
    extract_article,
    extract_fragment,
    extract_section,
)
from indexer.extract.body.find_body import word_runs, words_of
from indexer.extract.choose_version import choose_version, is_whole_article
from indexer.extract.links import Link, links_in
from indexer.extract.page import ExtractError, parse_page
from indexer.records import Page
from search.types import Block

LONGEST_NAME = 1_000  # characters of a title, of an author's and a site's name
# Characters that a block counts for at the least: a million blocks of one letter cost
# as much to store as pages do.
LEAST = 60
# The Wayback Machine's own bar stands between these two marks.
_TOOLBAR = (
    b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->",
    b"<!-- END WAYBACK TOOLBAR INSERT -->",
)


@dataclass(frozen=True, slots=True)
class ExtractedArticle:
    """An article as read from a page and from the feed's version of it.

    ``whole``: the blocks are the whole article. ``page`` is None where the page could
    not be fetched. ``links`` are the page's to its own site, where they were asked for.
    """

    page: Extraction | None = None
    blocks: tuple[Block, ...] = ()
    whole: bool = False
    links: tuple[Link, ...] = ()

    @property
    def text(self) -> str:
        """The words of all blocks."""
        return " ".join(block.text for block in self.blocks)

    @property
    def length(self) -> int:
        """The characters of all blocks."""
        return sum(len(block.text) for block in self.blocks)


def extracted(
    page: Extraction | None, blocks: tuple[Block, ...], *, whole: bool
) -> ExtractedArticle:
    """Make an article, cut off where it is longer than anything that people write."""
    if page is not None:
        page = replace(
            page,
            title=page.title[:LONGEST_NAME],
            author=page.author[:LONGEST_NAME],
            site=page.site[:LONGEST_NAME],
            blocks=_limited(page.blocks),
        )
    return ExtractedArticle(page, _limited(blocks), whole)


def _limited(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    left = LONGEST
    for number, block in enumerate(blocks):
        if len(block.text) > left:
            kept = list(blocks[:number])
            start = block.text[:left]
            if start.strip():
                kept.append(replace(block, text=start))
            note = f"[Blogsearch has read the first {LONGEST:,} characters.]"
            return (*kept, Block("paragraph", note))
        left -= max(len(block.text), LEAST)
    return blocks


def read(
    body: bytes | None,
    url: str,
    *,
    content_type: str = "",
    charset: str = "",
    content: str = "",
) -> ExtractedArticle:
    """Read a page (None: it could not be fetched) beside the feed's HTML of it."""
    if body is None:
        from_feed = extract_fragment(content, url)
        return extracted(None, from_feed, whole=is_whole_article(from_feed, None))
    document = read_document(body, url, content_type=content_type, charset=charset)
    if document is None:
        document = read_html(parse_page(body, url, charset=charset), content)
    return _beside_feed(document, content, url)


def read_paper_page(page: Page, *, content: str = "") -> ExtractedArticle:
    """Read the page about a paper and its document; not whole where only the abstract
    can be read."""
    about = read(
        page.body,
        page.final_url,
        content_type=page.content_type,
        charset=page.charset,
        content=content,
    )
    if page.document is None or about.page is None:
        return replace(about, whole=False)
    try:
        paper = with_document(about.page, page.document)
    except ExtractError:
        return replace(about, whole=False)
    return extracted(paper, paper.blocks, whole=True)


def read_with_links(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    charset: str = "",
    content: str = "",
) -> ExtractedArticle:
    """Read a page as ``read`` does, and the links of a web page to its own site."""
    if kind_of(body, url, content_type=content_type) is not None:
        return read(
            body, url, content_type=content_type, charset=charset, content=content
        )
    page = parse_page(body, url, charset=charset)
    links = links_in(page.root, url)
    article = _beside_feed(read_html(page, content), content, url)
    return replace(article, links=links)


def read_further_page(
    body: bytes, url: str, *, first: str, number: int, charset: str = ""
) -> Extraction:
    """Read page ``number`` (from 2) of an article whose first page is at ``first``."""
    page = parse_page(body, url, charset=charset)
    return extract_article(page, first=first, number=number)


def joined(article: ExtractedArticle, further: list[Extraction]) -> ExtractedArticle:
    """Return an article with the text of its further pages, each paragraph once."""
    if article.page is None or not further:
        return article
    blocks = list(article.page.blocks)
    for part in further:
        seen = {block.text for block in blocks}
        blocks += [block for block in part.blocks if block.text not in seen]
    last = further[-1]
    page = replace(
        article.page,
        blocks=tuple(blocks),
        is_cut=article.page.is_cut or last.is_cut,
        next_page=last.next_page,
    )
    whole = is_whole_article(page.blocks, page)
    return replace(extracted(page, page.blocks, whole=whole), links=article.links)


def _beside_feed(page: Extraction, content: str, url: str) -> ExtractedArticle:
    from_feed = extract_fragment(content, url)
    blocks = choose_version(page, from_feed)
    return extracted(page, blocks, whole=is_whole_article(blocks, page))


def read_copy(
    body: bytes, url: str, *, content_type: str = "", charset: str = ""
) -> ExtractedArticle:
    """Read a web archive's copy of a page, without the toolbar put into it."""
    return read(without_toolbar(body), url, content_type=content_type, charset=charset)


def without_toolbar(body: bytes) -> bytes:
    """Return the page as it was archived, in one pass over it."""
    before, _, after = body.partition(_TOOLBAR[0])
    _, ended, rest = after.partition(_TOOLBAR[1])
    if ended:
        return before + rest
    return body


def read_section(
    body: bytes, url: str, *, charset: str = "", content: str = ""
) -> tuple[ExtractedArticle, str]:
    """Read the post under the fragment of ``url``, as ``read_with_links`` does a page.

    Beside it stands the post's own address, "" where the page names none.
    """
    address, _, fragment = url.partition("#")
    parsed = parse_page(body, address, charset=charset)
    links = links_in(parsed.root, address)
    page, permalink = extract_section(parsed, fragment)
    from_feed = extract_fragment(content, url)
    blocks = choose_version(page, from_feed)
    whole = is_whole_article(blocks, page if page.blocks else None)
    return replace(extracted(page, blocks, whole=whole), links=links), permalink


def share_text(one: str, other: str, *, without_words: bool) -> bool:
    """Tell whether two texts have half of the shorter one in common.

    ``without_words`` is the answer where one of them has no run of words.
    """
    runs = [word_runs(words_of(text)) for text in (one, other)]
    fewest = min(map(len, runs))
    if not fewest:
        return without_words
    return 2 * len(runs[0] & runs[1]) >= fewest
