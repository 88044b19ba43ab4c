"""Sitemaps (sitemaps.org): the pages or further sitemaps that each names.

They are read with patterns rather than an XML parser: nothing is expanded, and a file
that is cut off or not well-formed still gives what is in it.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from indexer.text.encoding import decode
from indexer.text.urls import is_web_address, resolve, same_site
from search.errors import BlogsearchError
from search.text.urls import host

# sitemaps.org: a file has at most 50 MiB, uncompressed, and 50,000 addresses.
MAX_BYTES = 52_428_800
MAX_URLS = 50_000

Purpose = Literal["posts", "others", "unknown"]

# Where sitemaps lie when robots.txt names none: the standard's place, that of the Yoast
# plugin, and WordPress' own.
USUAL_PATHS = ("/sitemap.xml", "/sitemap_index.xml")
WORDPRESS_PATH = "/wp-sitemap.xml"

_LOCATION = re.compile(
    r"<(?:(?!image:|video:)[\w-]{1,20}:)?loc\b[^>]{0,200}>(?:\s*<!\[CDATA\[([^\]]{1,4000})|([^<]{1,4000}))"
)
_INDEX = re.compile(r"<(?:[\w-]{1,20}:)?sitemapindex\b")
_SET = re.compile(r"<(?:[\w-]{1,20}:)?urlset\b")
# By the files' names: others are pages, tags, authors and the like.
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
    """The absolute addresses that a file names: pages, or (an index) sitemaps."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """Read a sitemap, an index of sitemaps or a plain list of addresses, gzipped or not.

    Raises SitemapError for anything else, such as an HTML page that says "not found"
    with status 200.
    """
    # The standard asks for UTF-8; other bytes can only be in addresses that are wrong.
    text = decode(_inflated(body, url))
    if _INDEX.search(text):
        return Sitemap(sitemaps=_locations(text, url))
    if _SET.search(text):
        return Sitemap(_locations(text, url))
    lines = text.split("\n", MAX_URLS)[:MAX_URLS]
    listed = tuple(filter(is_web_address, map(str.strip, lines)))
    if not listed or "<" in text[:1000]:
        raise SitemapError(f"{url} is no sitemap.")
    return Sitemap(listed)


def purpose(url: str) -> Purpose:
    """Tell from a sitemap's name if it lists posts, or pages, tags, authors …"""
    # "sitemap-page-2.xml" is the second of several files, not one of pages.
    name = _PAGE_NUMBER.sub("", urlsplit(url).path.rpartition("/")[2])
    if _OF_OTHERS.search(name):
        return "others"
    if _OF_POSTS.search(name):
        return "posts"
    return "unknown"


def brought_home(urls: Iterable[str], site: str) -> tuple[str, ...]:
    """Return the addresses that lie on ``site``.

    Where none does and all lie on one other host, the site was built with a wrong base
    address (``http://localhost:…``): then all are moved to the site.
    """
    addresses = list(urls)
    own = tuple(url for url in addresses if same_site(url, site))
    if own or len(set(map(host, addresses))) != 1:
        return own
    parts = urlsplit(site)
    moved = [
        urlsplit(url)._replace(scheme=parts.scheme, netloc=parts.netloc)
        for url in addresses
    ]
    return tuple(map(urlunsplit, moved))


def _locations(text: str, url: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in islice(_LOCATION.finditer(text), MAX_URLS):
        # Addresses in CDATA are written without escapes; one of the two is empty.
        cdata, escaped = match.groups(default="")
        address = resolve(url, (cdata + html.unescape(escaped)).strip())
        if address:
            found[address] = None
    return tuple(found)


def _inflated(body: bytes, url: str) -> bytes:
    """Return the body without gzip, never more than the standard allows."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:MAX_BYTES]
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise SitemapError(f"{url} is not gzip that can be read.") from error
