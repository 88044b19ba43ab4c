"""A page → the article in it, whole: metadata and blocks; and which of page and feed to
keep.

Pure: bytes in, values out. Meant for a worker process with a time limit, as hostile
pages cost time however they are read, and trafilatura is not safe in threads.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass
from datetime import date

from indexer.extract import trafilatura as opinion
from indexer.extract import trimming as edges
from indexer.extract.blocks import blocks_of
from indexer.extract.boilerplate import remove_chrome, remove_unquotable
from indexer.extract.dom import Element, parse
from indexer.extract.find_body import likely, locate, runs_of, words_of
from indexer.extract.metadata import read_metadata
from indexer.extract.page import ParsedPage, page_of_text, parse_page
from indexer.extract.sections import permalink_of, section_of
from indexer.text.whitespace import paragraphs
from search.types import Block

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ESCAPED_TAG = re.compile(
    r"&lt;/?(?:p|br|div|a|ul|ol|li|h[1-6]|pre|blockquote|strong|em|img)\b", re.I
)
_SHELL = re.compile(
    r"""(?:enable|requires?|turn\s+on|without|activate|activer|aktivieren)\s+java\s?script|just\s+a\s+moment|
    checking\s+your\s+browser|are\s+you\s+(?:a\s+robot|human)|verify\s+you\s+are|access\s+denied|
    (?:page\s+)?not\s+found|(?:has|have)\s+moved\s+to|redirect(?:ed|ing)\b|(?:log|sign)\s+in\s+to\s+continue|password\s+protected|too\s+many\s+requests""",
    re.I | re.X,
)
_ELSEWHERE = re.compile(
    r"not\s+found|(?:has|have)\s+moved\s+to|redirect(?:ed|ing)\b|access\s+denied", re.I
)
_CUT_OFF = re.compile(
    r"""(?:^|…|\.\.\.|[\].!?»]|\n)\s*[\[(→»]*\s*(?:
    (?:read|continue|keep)\s+(?:more|reading|the\s+(?:full|rest))\b|click\s+here\s+to\s+read|lire\s+la\s+suite|weiterlesen|
    (?:subscribe|sign\s+in|log\s+in|upgrade|become\s+a\s+member)\s+to\s+(?:read|continue|keep|unlock)|
    this\s+post\s+is\s+for\s+(?:paid|paying)\s+subscribers|阅读全文|阅读更多|続きを読む|leer\s+más|continua\s+a\s+leggere
    )[^.!?]{0,80}[.!?]?\s*$""",
    re.I | re.X,
)
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[(?:…|\.\.\.|&#8230;)\])\s*[»›→>]*\s*$")
_REMARK = re.compile(
    r"(?:says|wrote|said|replied|commented|a\s+écrit|schrieb|dice)\s*:|^\s*reply\b|posted\s+by|\b\d?\d:\d\d\b",
    re.I,
)

SHELL = 60
"""Words up to which a page that asks for JavaScript, a login or patience shows nothing
else."""

LONG_SUMMARY = 400
"""Words that the feed's text must have to pass for a whole article where no page
confirms it."""

_DOCUMENT = re.compile(r"<(?:!doctype|html|body|head)\b", re.I)


@dataclass(frozen=True, slots=True)
class Extraction:
    """An article as its page gives it; ``blocks`` is empty for a page that shows no
    text.

    ``url`` is the page's canonical address where it names a believable one; ``noindex``
    and ``nosnippet`` are what the page asks of search engines.
    """

    url: str
    title: str = ""
    author: str = ""
    site: str = ""
    published: date | None = None
    blocks: tuple[Block, ...] = ()
    noindex: bool = False
    nosnippet: bool = False


def extract_page(
    body: bytes, url: str, *, charset: str = "", hint: str = ""
) -> Extraction:
    """Parse a page as received and return the article in it. Raises ExtractError."""
    return extract_article(parse_page(body, url, charset=charset), hint)


def extract_article(page: ParsedPage, hint: str = "") -> Extraction:
    """Cut the article out of a page's tree, which is spent then.

    ``hint`` is the feed's HTML of the same item; it helps to find the article.
    """
    root = page.root
    about = read_metadata(root, page.url)
    remove_unquotable(root)
    remove_chrome(root, keep=likely(root))
    where = locate(root, _plain(hint), lambda: opinion.main_text(page.source))
    blocks = edges.trimmed(
        edges.without_repeats(blocks_of(where)), (about.title, about.author, about.site)
    )
    return Extraction(
        about.url, about.title, about.author, about.site, about.published,
        edges.without_blobs(blocks), about.asks.noindex, about.asks.nosnippet,
    )  # fmt: skip


def extract_section(page: ParsedPage, fragment: str) -> tuple[Extraction, str]:
    """Cut the post under a fragment out of a page that holds several.

    Without blocks where there is no such place. Beside it stands the post's own
    address, "" where the page names none.
    """
    url = f"{page.url}#{fragment}"
    about = read_metadata(page.root, page.url)
    remove_unquotable(page.root)
    section = section_of(page.root, fragment)
    if section is None:
        return Extraction(
            url, noindex=about.asks.noindex, nosnippet=about.asks.nosnippet
        ), ""
    permalink = permalink_of(section, fragment, page.url)
    remove_chrome(section, keep=section)
    blocks = edges.trimmed(
        edges.without_repeats(blocks_of(section)), ("", about.author, about.site)
    )
    extraction = Extraction(
        url, author=about.author, site=about.site, blocks=edges.without_blobs(blocks),
        noindex=about.asks.noindex, nosnippet=about.asks.nosnippet,
    )  # fmt: skip
    return extraction, permalink


def extract_fragment(html: str, base_url: str) -> tuple[Block, ...]:
    """The blocks of a feed entry: a piece of HTML, a whole document, or plain text."""
    html = html if not _is_escaped(html) else entities.unescape(html)
    if not _TAG.search(html):
        return _plain_blocks(entities.unescape(html))
    if _DOCUMENT.search(html[:2000]):
        return extract_article(page_of_text(html, base_url)).blocks
    root = parse(html)
    remove_unquotable(root)
    remove_chrome(root, keep=root.first("body"))
    blocks = edges.without_repeats(blocks_of(_body(root)))
    return edges.without_blobs(edges.without_feed_footer(blocks))


def _is_escaped(html: str) -> bool:
    return not _TAG.search(html) and len(_ESCAPED_TAG.findall(html)) >= 2


def _body(root: Element) -> Element:
    return root.first("body") or root


def _plain_blocks(text: str) -> tuple[Block, ...]:
    parts = (" ".join(paragraphs(part)) for part in re.split(r"\n\s*\n", text))
    return tuple(Block("paragraph", part) for part in parts if part.strip())


def _plain(html: str) -> str:
    """The words of the hint."""
    if not html.strip():
        return ""
    root = parse(html)
    return " ".join(
        text
        for e in root.elements()
        if e.tag not in ("script", "style")
        for text in e.children
        if isinstance(text, str)
    )


def choose(page: Extraction, feed_blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The better of what the page and the feed give of one item, judged by what they
    share.

    The page as a rule, for its structure; the feed where the page is a shell, shows
    something else or less; the page without its end where that is readers' remarks on
    what the feed gives whole.
    """
    if not feed_blocks or not page.blocks:
        return page.blocks or feed_blocks
    shown, fed = _words(page.blocks), _words(feed_blocks)
    if _is_shell(page.blocks, len(shown)):
        return feed_blocks
    shared = len(runs_of(shown) & runs_of(fed))
    page_in_feed = shared / max(1, len(runs_of(shown)))
    feed_in_page = shared / max(1, len(runs_of(fed)))
    has_more = len(fed) > 1.1 * len(shown) and (
        page_in_feed > 0.5 or len(fed) > 1.5 * len(shown)
    )
    if has_more or (feed_in_page < 0.2 and len(fed) >= LONG_SUMMARY):
        return feed_blocks
    if (
        feed_in_page > 0.8
        and len(shown) > 1.3 * len(fed)
        and is_whole(feed_blocks, page)
    ):
        return _without_remarks(page.blocks, runs_of(fed))
    return page.blocks


def is_whole(blocks: tuple[Block, ...], page: Extraction | None = None) -> bool:
    """Whether these blocks are an article to its end; if not, they are a summary or a
    beginning.

    ``page`` is what the item's page gave, None where it could not be read: then only a
    text that is long enough passes for an article.
    """
    if not blocks:
        return False
    last = blocks[-1].text
    if _CUT_OFF.search(last):
        return False
    if page is not None and blocks == page.blocks[: len(blocks)]:
        return not _is_shell(blocks, len(_words(blocks)))
    if _ELLIPSIS.search(last):
        return False
    confirmed = page is not None and not any(
        _ELSEWHERE.search(block.text) for block in page.blocks[:3]
    )
    return confirmed or len(_words(blocks)) > LONG_SUMMARY


def _words(blocks: tuple[Block, ...]) -> list[str]:
    return words_of(" ".join(block.text for block in blocks))


def _is_shell(blocks: tuple[Block, ...], length: int) -> bool:
    return length <= SHELL and any(_SHELL.search(block.text) for block in blocks)


def _without_remarks(
    blocks: tuple[Block, ...], fed: set[tuple[str, ...]]
) -> tuple[Block, ...]:
    """The blocks up to the last one the feed has, if what follows reads as readers'
    remarks."""
    end = max(
        (n for n, block in enumerate(blocks, 1) if runs_of(words_of(block.text)) & fed),
        default=len(blocks),
    )
    surplus = blocks[end:]
    remarks = sum(bool(_REMARK.search(block.text)) for block in surplus)
    return blocks[:end] if remarks >= max(2, len(surplus) / 8) else blocks
