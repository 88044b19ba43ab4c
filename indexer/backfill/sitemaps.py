"""Sitemaps: which files there are, and the pages that each names (sitemaps.org). Pure.

Read with patterns rather than an XML parser: nothing is expanded, and a file that is
cut off or not well-formed still gives what it holds.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from indexer.text.urls import is_web_address, resolve, same_site
from search.errors import BlogsearchError
from search.text.urls import host

MAX_BYTES = 52_428_800  # sitemaps.org: a file has at most 50 MiB, uncompressed, and 50,000 addresses
MAX_URLS = 50_000

# Where sitemaps lie when robots.txt names none: the standard's place, that of the Yoast
# plugin, and WordPress' own.
USUAL_PATHS = ("/sitemap.xml", "/sitemap_index.xml")
WORDPRESS_PATH = "/wp-sitemap.xml"

_LOCATION = re.compile(
    r"<(?:(?!image:|video:)[\w-]{1,20}:)?loc\b[^>]{0,200}>(?:\s*<!\[CDATA\[([^\]]{1,4000})|([^<]{1,4000}))"
)
_INDEX = re.compile(r"<(?:[\w-]{1,20}:)?sitemapindex\b")
_SET = re.compile(r"<(?:[\w-]{1,20}:)?urlset\b")
_OF_OTHERS = re.compile(
    r"(?:^|[-_./])(?:pages?(?!-?sitemap\d*-)|tags?|post[-_]tags?|categor\w*|authors?|users?|images?|videos?|products?"
    r"|taxonom\w*|attachments?|media|projects?|portfolio|docs?|documentation|misc)(?=[-_.]|$)",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"(?<=sitemap[-_])page[-_]?\d+(?=\.|$)", re.IGNORECASE)
_OF_POSTS = re.compile(
    r"(?:^|[-_./])(?:posts?|articles?|blog|entries|news|stories)(?=[-_.\d]|$)",
    re.IGNORECASE,
)


class SitemapError(BlogsearchError):
    """These bytes are no sitemap."""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a file names: pages, or (an index) further sitemaps. Addresses are absolute,
    as written."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """Read a sitemap, an index of sitemaps or a list of addresses in plain text,
    gzipped or not.

    Raises SitemapError for anything else, HTML that says "not found" with status 200
    among it.
    """
    text = _inflated(body, url).decode("utf-8", "replace")
    is_index = bool(_INDEX.search(text))
    if not is_index and not _SET.search(text):
        lines = text.split("\n", MAX_URLS)[:MAX_URLS]
        plain = tuple(line.strip() for line in lines if is_web_address(line.strip()))
        if not plain or "<" in text[:1000]:
            raise SitemapError(f"{url} is no sitemap.")
        return Sitemap(plain)
    found = []
    for match in _LOCATION.finditer(text):
        written = (match[1] or html.unescape(match[2])).strip()
        address = resolve(url, written)
        if address:
            found.append(address)
        if len(found) == MAX_URLS:
            break
    named = tuple(dict.fromkeys(found))
    return Sitemap(sitemaps=named) if is_index else Sitemap(named)


def purpose(url: str) -> str:
    """What a sitemap's name says that it lists: "posts", "others" (pages, tags, authors
    …) or ""."""
    name = urlsplit(url).path.rpartition("/")[2]
    name = _PAGE_NUMBER.sub("", name)
    if _OF_OTHERS.search(name):
        return "others"
    return "posts" if _OF_POSTS.search(name) else ""


def brought_home(urls: Iterable[str], site: str) -> tuple[str, ...]:
    """The addresses that lie on ``site``. Where none does and all lie on one other
    host, the site was built with a wrong base address (``http://localhost:…``): then
    they are moved to the site."""
    addresses = list(urls)
    own = tuple(url for url in addresses if same_site(url, site))
    hosts = {host(url) for url in addresses}
    if own or len(hosts) != 1:
        return own
    parts = urlsplit(site)
    return tuple(
        urlunsplit(urlsplit(url)._replace(scheme=parts.scheme, netloc=parts.netloc))
        for url in addresses
    )


def _inflated(body: bytes, url: str) -> bytes:
    """The body without gzip, never more than the standard allows, however small it
    came."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:MAX_BYTES]
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise SitemapError(f"{url} is not gzip that can be read.") from error
