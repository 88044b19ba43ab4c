"""The entries of a page of links: every link with the note beside it, its section and
day.

Markdown is rendered first, so that one reader (``indexer.sources.link_reader``) serves
both it and HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any

from indexer.extract.dom import Element, parse_html
from indexer.extract.links import base_address
from indexer.sources.bookmarks.read import is_bookmarks, read_bookmarks
from indexer.sources.link_lines import LinkEntry, collapse_spaces
from indexer.sources.link_reader import LinkReader
from indexer.text.dates import find_date, is_only_date
from indexer.text.encoding import decode
from indexer.text.front_matter import split_front_matter, text_of
from indexer.text.markdown import is_markdown, render_markdown
from indexer.text.markup import legal
from indexer.text.org import is_org, org_as_markdown
from indexer.text.urls import resolve
from search.errors import BlogsearchError

# Bytes; a bound for the memory of a worker.
MAX_BYTES = 20_000_000
# Attributes of the meta elements that say when a page was published.
_PUBLISHED = {
    ("property", "article:published_time"),
    ("name", "date"),
    ("itemprop", "datePublished"),
}


class LinkPageError(BlogsearchError):
    """Bytes that are no page of links that can be read."""


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A link page; one address may be in several entries. ``words`` counts the words of
    its lines."""

    title: str
    language: str = ""
    entries: tuple[LinkEntry, ...] = field(default=(), repr=False)
    words: int = 0


def parse_link_page(
    body: bytes, url: str, *, content_type: str = "", charset: str = ""
) -> LinkPage:
    """Return the links of a Markdown or HTML page, or of a file of bookmarks, that came
    from ``url`` (an address or a file's name).

    Navigation, side bars, footers and comments of an HTML page are left out. Raises
    LinkPageError.
    """
    if len(body) > MAX_BYTES:
        raise LinkPageError(
            f"The link page {url} has {len(body):,} bytes; more than {MAX_BYTES:,} are "
            "not read."
        )
    text = legal(decode(body, charset))
    if is_bookmarks(text):
        title, entries = read_bookmarks(text)
        return LinkPage(title, entries=entries)
    about: dict[str, Any] = {}
    if is_markdown(text, content_type=content_type, url=url):
        if is_org(text, url=url):
            text = org_as_markdown(text)
        about, markdown = split_front_matter(text)
        text = render_markdown(markdown)
    tree = parse_html(text)
    # The author's own title, before one with the site's name behind it.
    title = text_of(about, "title") or _title_of(tree)
    reader = LinkReader(_base(tree, about, url), _page_day(tree, about))
    entries = reader.read(_main_content(tree))
    return LinkPage(
        title=title,
        language=text_of(about, "lang", "language") or tree.get("lang").strip(),
        entries=tuple(
            replace(entry, section=_without_title(entry.section, title))
            for entry in entries
        ),
        words=reader.words,
    )


def _main_content(tree: Element) -> Element:
    """The one element marked as the page's content, its body at worst."""
    marked = (
        list(tree.elements("main")),
        [element for element in tree.elements() if element.get("role") == "main"],
        list(tree.elements("article")),
    )
    # Several are a list of articles, and the page's content is around them.
    for found in marked:
        if len(found) == 1 and _has_link(found[0]):
            return found[0]
    return tree.first("body") or tree


def _has_link(element: Element) -> bool:
    return any("href" in link.attrs for link in element.elements("a"))


def _base(tree: Element, about: dict[str, Any], url: str) -> str:
    """The address from which relative links start."""
    # A page on disk may say under which address it is published.
    own = base_address(tree, url)
    if own != url:
        return own
    return resolve(url, text_of(about, "permalink")) or url


def _page_day(tree: Element, about: dict[str, Any]) -> date | None:
    written = [text_of(about, "date")]
    metas = (meta for meta in tree.elements("meta") if _PUBLISHED & meta.attrs.items())
    written += [meta.get("content") for meta in islice(metas, 1)]
    return next(filter(None, map(find_date, written)), None)


def _title_of(tree: Element) -> str:
    """The title of the page, or its first heading unless that is a section's date."""
    title = tree.first("title")
    if title is not None:
        return collapse_spaces(title.raw_text)
    heading = tree.first("h1")
    if heading is None:
        return ""
    text = collapse_spaces(heading.raw_text)
    if is_only_date(text):
        return ""
    return text


def _without_title(section: str, title: str) -> str:
    """The headings below the page's title, which each of its entries need not
    repeat."""
    first, _, rest = section.partition(" › ")
    # A page's title often has the site's behind it.
    with_site = (f"{first} |", f"{first} -", f"{first} –")
    if title and (first == title or title.startswith(with_site)):
        return rest
    return section
