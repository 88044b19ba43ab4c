"""What these bytes are: a feed, a list of feeds, a page of links, an archive, a
document, a page. Pure.

By what they hold first; what the server or the file's name says only decides what is
unclear: feeds are served as text/html, Markdown as text/plain, and everything as
application/xml.
"""

from __future__ import annotations

import json
import re
from typing import Literal
from urllib.parse import urlsplit

from indexer.documents.dispatch import kind_of
from indexer.extract.dom import Element, parse
from indexer.extract.links import base_address
from indexer.local.exports import is_export
from indexer.sources.feed_xml import feed_document
from indexer.sources.link_pages import LinkPage, LinkPageError, parse_link_page
from indexer.sources.link_reader import LinkEntry, one_line
from indexer.text.encoding import decode
from indexer.text.markdown import is_markdown
from indexer.text.markup import legal, root_of
from indexer.text.urls import resolve, same_site
from search.text.urls import host

Kind = Literal["feed", "opml", "linkpage", "archive", "document", "page", "unknown"]

# Where blog software puts feeds, the likeliest first: WordPress and Ghost, Hugo and
# Jekyll, the rest.
USUAL_FEED_PATHS = (
    "/feed",
    "/index.xml",
    "/atom.xml",
    "/rss.xml",
    "/feed.xml",
    "/rss",
    "/feed.json",
    "/index.rdf",
    "/feeds/all.atom.xml",
    "/feeds/posts/default",
    "/blog/feed",
    "/blog/index.xml",
    "/blog/atom.xml",
    "/blog/rss.xml",
)

_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|(?:text|application)/(?:xml|rss|atom)"
)
_FEED_NAME = re.compile(
    r"(?:^|/)(?:feeds?|rss|atom|rdf)(?:[/.]|$)|(?:rss|atom|feed|index)[\w-]{0,20}\.(?:xml|rss|rdf|atom|json)$"
    r"|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_WORD = re.compile(r"\b(?:rss|atom|feed|syndication)\b", re.IGNORECASE)
_FEED_HOSTS = (
    "feeds.feedburner.com",
    "feeds.feedblitz.com",
    "rss.app",
    "feeds2.feedburner.com",
)
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|div|p|article|main|title|meta|h[1-6]|table|section)\b",
    re.IGNORECASE,
)
_LOOKED_AT = 50_000  # characters searched for markup

# A Markdown file is a page of links from here on; a text that cites a few sources is
# not.
_FEWEST_MARKDOWN_LINKS = 3
# An HTML page must be one plainly, for otherwise its links are taken as what its author
# follows.
_FEWEST_LINKS = 5
_SHARE_OF_LINKS = 0.7  # of the listed links, those that lead to other sites
_SHARE_OF_WORDS = 0.5  # of the page's words, those beside such links
_LONGEST_MEAN_NOTE = 120  # words; longer "items" are articles
_FEWEST_DAYS = 2
_SAYS_SO = re.compile(
    r"\b(?:til|today i learn(?:ed|t)|links?|linkblog|bookmarks?|reading list|what i(?:'m| am)? read(?:ing)?"
    r"|weekly reads|linkliste|lesezeichen|liens|marque-pages|lecturas|enlaces|link-?log|link-?dump)\b",
    re.IGNORECASE,
)


def detect(
    body: bytes, *, content_type: str = "", charset: str = "", url: str = ""
) -> Kind:
    """What the bytes are. "page" is HTML (perhaps an article, perhaps of links: see
    ``looks_like_link_page``) or a text of few links; "archive" is an export of blog
    software or a saved page, "document" a PDF or a notebook, "unknown" empty or nothing
    that can be read."""
    if kind_of(body, url, content_type=content_type) in ("pdf", "notebook"):
        return "document"
    if is_export(body, url):
        return "archive"
    text = legal(decode(body, charset))
    if not text.strip() or _is_binary(body):
        return "unknown"
    if root_of(text) == "opml":
        return "opml"
    if feed_document(text) is not None or _is_json_feed(text):
        return "feed"
    if is_markdown(
        text, content_type=content_type, url=url
    ) and not _is_html_in_disguise(text):
        return (
            "linkpage"
            if _is_markdown_link_page(body, url, content_type, charset)
            else "page"
        )
    return (
        "page"
        if _MARKUP.search(text[:_LOOKED_AT]) or "html" in content_type
        else "unknown"
    )


def find_feeds(body: bytes, url: str, *, charset: str = "") -> tuple[str, ...]:
    """The feeds a page names in its head, in its order, but the widest first (a blog's
    before those of its categories, seen from its home) and those of comments last; else
    those that it links to."""
    root = parse(legal(decode(body, charset)))
    base = base_address(root, url)
    named = [link for link in root.elements("link") if _names_feed(link)]
    if not named:
        named = [link for link in root.elements("a") if _leads_to_feed(link, base)]
    found = [(link, resolve(base, link.get("href"))) for link in named]
    ranked = sorted(
        (
            (_is_of_comments(link), _depth(address, url), address)
            for link, address in found
            if address
        ),
        key=lambda each: each[:2],
    )
    return tuple(dict.fromkeys(address for _, _, address in ranked))


def looks_like_link_page(body: bytes, url: str, *, charset: str = "") -> bool:
    """Whether an HTML page is a page of links: mostly lists of links to other sites
    with a remark beside each, under dates or under a title that says so. In doubt it is
    none."""
    try:
        page = parse_link_page(body, url, charset=charset)
    except LinkPageError:
        return False
    return _is_link_page(page, url)


def _is_link_page(page: LinkPage, url: str) -> bool:
    listed = [entry for entry in page.entries if entry.listed]
    outward = [entry for entry in listed if not same_site(entry.url, url)]
    if len(outward) < _FEWEST_LINKS or len(outward) < _SHARE_OF_LINKS * len(listed):
        return False
    notes = {entry.note for entry in outward}
    words = sum(len(note.split()) for note in notes)
    if words < _SHARE_OF_WORDS * page.words or words > _LONGEST_MEAN_NOTE * len(notes):
        return False
    return _has_remarks(outward) and (
        _days(outward) >= _FEWEST_DAYS or bool(_SAYS_SO.search(page.title))
    )


def _days(entries: list[LinkEntry]) -> int:
    return len({entry.noted for entry in entries if entry.noted})


def _has_remarks(entries: list[LinkEntry]) -> bool:
    """Whether at least half of the links stand beside words of their own; in a blogroll
    none do."""
    remarked = sum(len(entry.note) > len(entry.anchor_text) + 10 for entry in entries)
    hosts = {host(entry.url) for entry in entries}
    return 2 * remarked >= len(entries) and len(hosts) > 1


def _is_markdown_link_page(
    body: bytes, url: str, content_type: str, charset: str
) -> bool:
    """Markdown whose links stand in lists or under dates, or make up a good part of
    it."""
    page = parse_link_page(body, url, content_type=content_type, charset=charset)
    if len(page.entries) < _FEWEST_MARKDOWN_LINKS:
        return False
    listed = [entry for entry in page.entries if entry.listed]
    beside = sum(len(note.split()) for note in {entry.note for entry in listed})
    return _days(listed) >= _FEWEST_DAYS or beside >= _SHARE_OF_WORDS * page.words


def _is_json_feed(text: str) -> bool:
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return False
    try:
        found = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    items = found.get("items")
    of_items = isinstance(items, list) and (not items or isinstance(items[0], dict))
    named = "jsonfeed.org" in str(found.get("version", ""))
    return of_items and (
        named
        or any(
            {"url", "content_html", "content_text"} & item.keys() for item in items[:1]
        )
    )


def _is_binary(body: bytes) -> bool:
    """PDF, images, archives: their first kilobyte holds bytes that no text has."""
    if body.startswith(
        (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b")
    ):
        return True
    start = body[:1024]
    is_utf_16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    return (
        not is_utf_16
        and sum(byte < 9 or 14 <= byte < 32 for byte in start) * 20 > len(start) + 20
    )


def _is_html_in_disguise(text: str) -> bool:
    """HTML without its beginning: several block elements, and no Markdown list, heading
    or link."""
    blocks = len(_MARKUP.findall(text[:_LOOKED_AT]))
    return blocks >= 5 and not re.search(
        r"^#{1,6} |^\s{0,3}[-*+] |\]\(", text[:_LOOKED_AT], re.MULTILINE
    )


def _names_feed(link: Element) -> bool:
    if "href" not in link.attrs:
        return False
    relations = link.get("rel").lower().split()
    kind = link.get("type").lower()
    if "stylesheet" in relations or not {"alternate", "feed"} & set(relations):
        return False
    if (
        kind == "application/json"
    ):  # WordPress lists its programming interface so, others their JSON Feed
        return "feed" in link.get("href").lower()
    return bool(_FEED_TYPES.search(kind)) or (not kind and "feed" in relations)


def _leads_to_feed(link: Element, base: str) -> bool:
    address = resolve(base, link.get("href"))
    if address is None or not (
        same_site(address, base) or host(address) in _FEED_HOSTS
    ):
        return False
    if _FEED_NAME.search(urlsplit(address).path):
        return True
    says = f"{one_line(link.raw_text)[:60]} {link.get('title')[:60]} {link.get('type')[:60]}"
    return host(address) in _FEED_HOSTS and bool(_FEED_WORD.search(says))


def _depth(feed: str, page: str) -> int:
    """How many folders of the feed's address are not the page's; none for a feed
    elsewhere."""
    if not same_site(feed, page):
        return 0
    folders, shared = (
        urlsplit(url).path.strip("/").split("/")[:-1] for url in (feed, f"{page}/x")
    )
    common = sum(1 for one, other in zip(folders, shared, strict=False) if one == other)
    return len(folders) - common


def _is_of_comments(link: Element) -> bool:
    return "comment" in f"{link.get('title')} {link.get('href')}".lower()
