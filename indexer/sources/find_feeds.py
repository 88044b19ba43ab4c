"""The feeds that a page names or links to, and the places where feeds usually lie."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from indexer.extract.dom import Element, parse_html
from indexer.extract.links import base_address
from indexer.records import FetchError
from indexer.sources.link_lines import collapse_spaces
from indexer.text.encoding import decode
from indexer.text.markup import legal, word_set
from indexer.text.urls import resolve, same_site
from search.text.urls import host

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
# The last segment of a blog's home; any other page is an article.
_HOMES = word_set("blog weblog journal posts articles news notes writing") | {""}
# Plain "application/xml" too, which many servers and templates say.
_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|(?:text|application)/(?:xml|rss|atom)"
)
# Of a path: /feed, /rss.xml, /index.atom, /my-feed.json.
_FEED_NAME = re.compile(
    r"(?:^|/)(?:feeds?|rss|atom|rdf)(?:[/.]|$)"
    r"|(?:rss|atom|feed|index)[\w-]{0,20}\.(?:xml|rss|rdf|atom|json)$"
    r"|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_WORD = re.compile(r"\b(?:rss|atom|feed|syndication)\b", re.IGNORECASE)
# Services that publish the feeds of blogs under addresses of their own.
_FEED_HOSTS = (
    "feeds.feedburner.com",
    "feeds.feedblitz.com",
    "rss.app",
    "feeds2.feedburner.com",
)


def find_feeds(body: bytes, url: str, *, charset: str = "") -> tuple[str, ...]:
    """Return the feeds that a page names in its head, else those that it links to.

    In the page's order, but the widest first (a blog's before those of its categories,
    seen from its home) and those of comments last.
    """
    root = parse_html(legal(decode(body, charset)))
    base = base_address(root, url)
    # Anywhere in the page: themes put them into the body too.
    named = list(filter(_names_feed, root.elements("link")))
    if not named:
        named = [link for link in root.elements("a") if _leads_to_feed(link, base)]
    # Comments last; then those that lie nearest to the page.
    ranked: list[tuple[bool, int, str]] = []
    for link in named:
        address = resolve(base, link.get("href"))
        if address:
            ranked.append((_is_of_comments(link), _depth(address, url), address))
    # By the first two only, as sorting keeps the page's order.
    ranked.sort(key=lambda each: each[:2])
    return tuple(dict.fromkeys(address for _, _, address in ranked))


def usual_feeds(url: str) -> list[str]:
    """Return the addresses where a feed usually lies, seen from a blog's home; none for
    any other page."""
    path = urlsplit(url).path
    if url.startswith("file:") or path.strip("/").lower() not in _HOMES:
        return []
    home = url if path.endswith("/") else f"{url}/"
    return [urljoin(home, path.lstrip("/")) for path in USUAL_FEED_PATHS]


def _names_feed(link: Element) -> bool:
    relations = set(link.get("rel").lower().split())
    if "href" not in link.attrs or "stylesheet" in relations:
        return False
    if relations.isdisjoint({"alternate", "feed"}):
        return False
    kind = link.get("type").lower()
    if kind == "application/json":
        # WordPress lists its programming interface so, others their JSON Feed.
        return "feed" in link.get("href").lower()
    # rel=feed was meant for HTML 5 and says enough by itself.
    if not kind:
        return "feed" in relations
    return bool(_FEED_TYPES.search(kind))


def _leads_to_feed(link: Element, base: str) -> bool:
    address = resolve(base, link.get("href"))
    if address is None:
        return False
    is_on_feed_host = host(address) in _FEED_HOSTS
    if not is_on_feed_host and not same_site(address, base):
        return False
    if _FEED_NAME.search(urlsplit(address).path):
        return True
    # A feed service has pages that are no feeds; the link's words tell them apart.
    words = (collapse_spaces(link.raw_text), link.get("title"), link.get("type"))
    text = " ".join(word[:60] for word in words)
    return is_on_feed_host and bool(_FEED_WORD.search(text))


def _depth(feed: str, page: str) -> int:
    """The number of folders of the feed's address that are not the page's; none for a
    feed elsewhere."""
    if not same_site(feed, page):
        return 0
    folders = urlsplit(feed).path.strip("/").split("/")[:-1]
    # As if for a page within a folder of the page's name.
    of_page = urlsplit(f"{page}/x").path.strip("/").split("/")[:-1]
    shared = sum(one == other for one, other in zip(folders, of_page, strict=False))
    return len(folders) - shared


def _is_of_comments(link: Element) -> bool:
    return "comment" in f"{link.get('title')} {link.get('href')}".lower()


def may_be_feed(error: FetchError, *, is_named: bool) -> bool:
    """Tell if there may be a feed that just can't be read now."""
    # Of an address that was only guessed, an error of the server's own says nothing.
    is_certain = is_named or error.reason != "server-error" or error.status == 503
    return is_certain and not error.permanent


def about_feed(page: str, url: str, error: FetchError) -> FetchError:
    """Say of a page that its feed can't be read just now."""
    return FetchError(
        page,
        error.reason,
        f"Its feed {url} could not be read. {error}",
        status=error.status,
        retry_after=error.retry_after,
    )
