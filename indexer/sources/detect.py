"""The kind of a source, detected from its bytes: a feed, a list of feeds, a page of
links, an archive, a document, a page.

The content counts first; the server's or the file name's claim only decides what is
unclear: feeds are served as text/html, Markdown as text/plain, and everything as
application/xml.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from indexer.documents.dispatch import kind_of
from indexer.local.exports import is_export
from indexer.sources.bookmarks.read import is_bookmarks
from indexer.sources.feed.xml import feed_document
from indexer.sources.link_lines import LinkEntry
from indexer.sources.link_pages import LinkPage, LinkPageError, parse_link_page
from indexer.text.encoding import decode, encoding_of
from indexer.text.markdown import is_markdown
from indexer.text.markup import legal, root_of
from indexer.text.urls import same_site
from search.text.urls import host

DetectedKind = Literal[
    "feed", "opml", "linkpage", "archive", "document", "page", "unknown"
]

_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|div|p|article|main|title|meta|h[1-6]|table|section)\b",
    re.IGNORECASE,
)
# Headings, list items and links of Markdown.
_MARKDOWN = re.compile(r"^#{1,6} |^\s{0,3}[-*+] |\]\(", re.MULTILINE)
_HEAD = 50_000  # characters searched for markup
_FEWEST_BLOCKS = 5  # of HTML without its beginning
# PDF, ZIP, PNG, GIF, JPEG, gzip.
_BINARY_MARKS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
)
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Fields of which each item of a JSON Feed has one.
_JSON_ITEM_FIELDS = {"url", "content_html", "content_text"}

# A Markdown file is a page of links from here on; a text that cites a few sources is
# not.
_FEWEST_MARKDOWN_LINKS = 3
# An HTML page must be one plainly, for otherwise its links are taken as the sources
# that its author follows.
_FEWEST_LINKS = 5
_SHARE_OF_LINKS = 0.7  # of the listed links, those that lead to other sites
_SHARE_OF_WORDS = 0.5  # of the page's words, those beside such links
_LONGEST_MEAN_NOTE = 120  # words; longer "items" are articles
_FEWEST_DAYS = 2  # a page of one day is an article with sources
_SHORTEST_REMARK = 10  # characters of a note beyond the link's own
_TITLE_OF_LINKS = re.compile(
    r"\b(?:til|today i learn(?:ed|t)|links?|linkblog|bookmarks?|reading list"
    r"|what i(?:'m| am)? read(?:ing)?|weekly reads|linkliste|lesezeichen|liens"
    r"|marque-pages|lecturas|enlaces|link-?log|link-?dump)\b",
    re.IGNORECASE,
)


def detect(
    body: bytes, *, content_type: str = "", charset: str = "", url: str = ""
) -> DetectedKind:
    """Return the kind of the bytes.

    "page" is HTML (perhaps an article, perhaps of links: see ``looks_like_link_page``)
    or a text of few links; "archive" is an export of blog software or a saved page,
    "document" a PDF or a notebook, "unknown" empty or nothing that can be read.
    """
    if kind_of(body, url, content_type=content_type) in ("pdf", "notebook"):
        return "document"
    # An export of WordPress is RSS too.
    if is_export(body, url):
        return "archive"
    text = legal(decode(body, charset))
    # Documents and saved pages, which may look so, have been recognized by now.
    if not text.strip() or (_is_binary(body) and not _is_utf_16(body, text, charset)):
        return "unknown"
    if is_bookmarks(text):
        return "linkpage"
    if root_of(text) == "opml":
        return "opml"
    if feed_document(text) is not None or _is_json_feed(text):
        return "feed"
    # After all that is XML or JSON: a feed served as text/plain is no Markdown.
    markdown = is_markdown(text, content_type=content_type, url=url)
    if markdown and not _is_html_without_beginning(text):
        page = parse_link_page(body, url, content_type=content_type, charset=charset)
        if _is_markdown_link_page(page):
            return "linkpage"
        return "page"
    if _MARKUP.search(text[:_HEAD]) or "html" in content_type:
        return "page"
    return "unknown"


def looks_like_link_page(body: bytes, url: str, *, charset: str = "") -> bool:
    """Say if an HTML page is a page of links: mostly lists of links to other sites with
    a remark beside each, under dates or under a title that says so.

    In doubt it is none.
    """
    try:
        page = parse_link_page(body, url, charset=charset)
    except LinkPageError:
        return False
    return _is_html_link_page(page, url)


def _is_html_link_page(page: LinkPage, url: str) -> bool:
    listed = [entry for entry in page.entries if entry.listed]
    outward = [entry for entry in listed if not same_site(entry.url, url)]
    # Links of one line share its note, which counts once.
    notes = {entry.note for entry in outward}
    words = len(" ".join(notes).split())
    days = len(_days(outward))
    signs = (
        len(outward) >= max(_FEWEST_LINKS, _SHARE_OF_LINKS * len(listed)),
        _SHARE_OF_WORDS * page.words <= words <= _LONGEST_MEAN_NOTE * len(notes),
        _has_remarks(outward),
        days >= _FEWEST_DAYS or bool(_TITLE_OF_LINKS.search(page.title)),
    )
    return all(signs)


def _is_markdown_link_page(page: LinkPage) -> bool:
    """Say if the links of a Markdown text stand in lists or under dates, or make up a
    good part of it."""
    if len(page.entries) < _FEWEST_MARKDOWN_LINKS:
        return False
    listed = [entry for entry in page.entries if entry.listed]
    if len(_days(listed)) >= _FEWEST_DAYS:
        return True
    notes = {entry.note for entry in listed}
    words = len(" ".join(notes).split())
    return words >= _SHARE_OF_WORDS * page.words


def _days(entries: Sequence[LinkEntry]) -> set[date | None]:
    return {entry.noted for entry in entries} - {None}


def _has_remarks(entries: Sequence[LinkEntry]) -> bool:
    """Say if at least half of the links stand beside words of their own; in a blogroll
    none do."""
    remarked = sum(
        len(entry.note) > len(entry.anchor_text) + _SHORTEST_REMARK for entry in entries
    )
    # Links to one other site only are no choice of links.
    hosts = {host(entry.url) for entry in entries}
    return 2 * remarked >= len(entries) and len(hosts) > 1


def _is_json_feed(text: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")
    if not start.startswith("{"):
        return False
    try:
        found = json.loads(start)
    except (ValueError, RecursionError):
        return False
    items = found.get("items")
    if not isinstance(items, list):
        return False
    is_named = "jsonfeed.org" in str(found.get("version", ""))
    first: object = next(iter(items), {})
    if not isinstance(first, dict):
        return False
    # The version may be missing; then an item must look like one.
    return is_named or not _JSON_ITEM_FIELDS.isdisjoint(first)


def _is_binary(body: bytes) -> bool:
    """Say if the first kilobyte has bytes that no text has, as in images and
    archives."""
    if body.startswith(_BINARY_MARKS):
        return True
    start = body[:1024]
    if start.startswith(_UTF_16_MARKS):
        return False
    # Tabs, line ends and form feeds are of texts; one in twenty others may be a slip.
    controls = sum(byte < 9 or 14 <= byte < 32 for byte in start)
    return controls * 20 > len(start) + 20


def _is_utf_16(body: bytes, text: str, charset: str) -> bool:
    """Say if these bytes are XML, HTML or JSON with a zero in every other place."""
    is_document = text.lstrip("\ufeff \t\r\n")[:1] in ("<", "{")
    return is_document and encoding_of(body, charset).startswith("utf-16")


def _is_html_without_beginning(text: str) -> bool:
    """Say if it has several block elements, and no Markdown list, heading or link."""
    head = text[:_HEAD]
    if len(_MARKUP.findall(head)) < _FEWEST_BLOCKS:
        return False
    return _MARKDOWN.search(head) is None
