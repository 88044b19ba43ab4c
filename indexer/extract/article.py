"""The article in a page, a section of a page or a feed's entry: metadata and blocks.

Does no input or output. It is meant for a worker process with a time limit, as hostile
pages cost time however they are read, and trafilatura is not safe in threads.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass
from datetime import date

from indexer.extract.blocks import LocatedBlock, blocks_of, located_blocks
from indexer.extract.body.boilerplate import (
    remove_boilerplate,
    remove_comments,
    remove_unquotable,
)
from indexer.extract.body.find_body import body_by_name, find_body
from indexer.extract.completeness.pagination import next_page
from indexer.extract.completeness.paywall import is_cut_by_paywall
from indexer.extract.cross_references import without_cross_references
from indexer.extract.dom import Element, parse_html
from indexer.extract.metadata import read_metadata
from indexer.extract.page import ParsedPage, page_of_text, parse_page
from indexer.extract.second_opinion.markup import markup_of
from indexer.extract.second_opinion.opinion import closest_opinion
from indexer.extract.second_opinion.settle import Reading, settle
from indexer.extract.second_opinion.trafilatura import SecondReader
from indexer.extract.sections import section_at, section_permalink
from indexer.extract.trimming import (
    trimmed,
    without_blobs,
    without_feed_footer,
    without_repeats,
)
from indexer.text.markup import legal
from indexer.text.whitespace import paragraphs
from search.types import Block

# What tells HTML from text, and HTML that was escaped twice.
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ESCAPED_TAG = re.compile(
    r"&lt;/?(?:p|br|div|a|ul|ol|li|h[1-6]|pre|blockquote|strong|em|img)\b", re.I
)
_DOCUMENT = re.compile(r"<(?:!doctype|html|body|head)\b", re.I)
_DOCUMENT_START = 2000  # characters in which a whole document says that it is one
_FEWEST_ESCAPED_TAGS = 2  # one alone may be the subject of a text

# An article's title, author and site: lines that only say one of them are no text.
Known = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Extraction:
    """An article as its page gives it; no ``blocks`` for a page that shows no text.

    ``url`` is the page's canonical address where it names a believable one. ``noindex``
    and ``nosnippet`` are what the page asks of search engines. ``is_cut`` says that the
    page shows only a beginning, ``next_page`` is the address of the page that goes on
    with it, "" for none.
    """

    url: str
    title: str = ""
    author: str = ""
    site: str = ""
    published: date | None = None
    blocks: tuple[Block, ...] = ()
    noindex: bool = False
    nosnippet: bool = False
    is_cut: bool = False
    next_page: str = ""


def extract_page(
    body: bytes, url: str, *, charset: str = "", hint: str = ""
) -> Extraction:
    """Parse a page as received and return the article in it. Raises ExtractError."""
    return extract_article(parse_page(body, url, charset=charset), hint)


def extract_article(
    page: ParsedPage, hint: str = "", *, first: str = "", number: int = 1
) -> Extraction:
    """Cut the article out of a page's tree, which is spent then.

    ``hint`` is the feed's HTML of the same item; it helps to find the article. Of an
    article on several pages, ``first`` is the address of the first one where this is
    page ``number``.
    """
    root = page.root
    about = read_metadata(root, page.url)
    is_cut = is_cut_by_paywall(root)
    following = next_page(root, page.url, first=first, number=number)
    remove_unquotable(root)
    root.measure()
    blocks = _found_blocks(root, hint, (about.title, about.author, about.site))
    return Extraction(
        about.url,
        about.title,
        about.author,
        about.site,
        about.published,
        without_cross_references(blocks),
        about.asks.noindex,
        about.asks.nosnippet,
        is_cut,
        following,
    )


def _found_blocks(root: Element, hint: str, known: Known) -> tuple[Block, ...]:
    """Return the article's blocks: where the feed's text does not tell which, as we and
    a second reader find them."""
    reader = SecondReader(markup_of(root))
    keep = body_by_name(root)
    remove_comments(root, keep)
    everything = blocks_of(root.first("body") or root)
    remove_boilerplate(root, keep)
    body = find_body(root, _words_in(hint), lambda: reader.fullest)
    article = _located_article(body.element, known)
    blocks = tuple(located.block for located in article)
    if body.is_by_feed:
        return blocks
    opinion = closest_opinion(reader.texts, blocks)
    if opinion is None:
        return blocks
    reading = Reading(article, without_repeats(everything), body.is_named)
    return _cleaned(settle(reading, opinion), known)


def extract_section(page: ParsedPage, fragment: str) -> tuple[Extraction, str]:
    """Cut the post under a fragment out of a page that has several.

    Without blocks where there is no such place. Beside it stands the post's own
    address, "" where the page names none.
    """
    about = read_metadata(page.root, page.url)
    remove_unquotable(page.root)
    section = section_at(page.root, fragment)
    author, site, permalink = "", "", ""
    blocks: tuple[Block, ...] = ()
    if section is not None:
        author, site = about.author, about.site
        permalink = section_permalink(section, fragment, page.url)
        section.measure()
        remove_comments(section, section)
        remove_boilerplate(section, section)
        blocks = _article_blocks(section, ("", author, site))
    extraction = Extraction(
        f"{page.url}#{fragment}",
        author=author,
        site=site,
        blocks=blocks,
        noindex=about.asks.noindex,
        nosnippet=about.asks.nosnippet,
    )
    return extraction, permalink


def extract_fragment(html: str, base_url: str) -> tuple[Block, ...]:
    """Return the blocks of a feed's entry: a piece of HTML, a whole document or plain
    text."""
    if _is_escaped(html):
        html = entities.unescape(html)
    if not _TAG.search(html):
        return _plain_blocks(entities.unescape(html))
    if _DOCUMENT.search(html[:_DOCUMENT_START]):
        return extract_article(page_of_text(legal(html), base_url)).blocks
    return fragment_blocks(parse_html(html))


def fragment_blocks(root: Element) -> tuple[Block, ...]:
    """Return the blocks of a tree that is all one text; it is spent then."""
    body = root.first("body")
    remove_unquotable(root)
    root.measure()
    remove_comments(root, body)
    remove_boilerplate(root, body)
    blocks = without_repeats(blocks_of(body or root))
    return without_blobs(without_feed_footer(blocks))


def _located_article(body: Element, known: Known) -> tuple[LocatedBlock, ...]:
    """Return the cleaned blocks of an article's element, each with its box."""
    located = located_blocks(body)
    kept = set(map(id, _cleaned(tuple(one.block for one in located), known)))
    return tuple(one for one in located if id(one.block) in kept)


def _article_blocks(body: Element, known: Known) -> tuple[Block, ...]:
    return _cleaned(blocks_of(body), known)


def _cleaned(blocks: tuple[Block, ...], known: Known) -> tuple[Block, ...]:
    return without_blobs(trimmed(without_repeats(blocks), known))


def _is_escaped(html: str) -> bool:
    """Tell whether HTML was escaped once too often."""
    if _TAG.search(html):
        return False
    return len(_ESCAPED_TAG.findall(html)) >= _FEWEST_ESCAPED_TAGS


def _plain_blocks(text: str) -> tuple[Block, ...]:
    parts = (" ".join(paragraphs(part)) for part in re.split(r"\n\s*\n", text))
    return tuple(Block("paragraph", part) for part in parts if part.strip())


def _words_in(html: str) -> str:
    if not html.strip():
        return ""
    texts: list[str] = []
    for element in parse_html(html).elements():
        if element.tag not in ("script", "style"):
            texts += element.own_texts
    return " ".join(texts)
