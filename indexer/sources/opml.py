"""OPML: lists of feeds, read and written.

Read with expat alone, event by event: no tree that hostile nesting could blow up, no
entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from indexer.text.encoding import decode
from indexer.text.markup import legal
from indexer.text.urls import resolve
from search.errors import BlogsearchError

MAX_BYTES = 20_000_000  # a list of 50,000 feeds
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
# Addresses with a bare "&" are common; expat would stop there.
_BARE_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)"
)
# Once the way to have a feed reader open an address: feed://host/, feed:https://host/.
_FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?:)|^feed:(?=//)")


class OpmlError(BlogsearchError):
    """This is no OPML file that can be read."""


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """One subscription: the feed's address, its title and the site's home, if known."""

    url: str
    title: str = ""
    home: str = ""


class _Reader:
    """Collects the outlines that name a feed, each address once, in their order."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._root = ""
        self.feeds: dict[str, OpmlFeed] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.lower()
        self._root = self._root or name
        if self._root != "opml":
            raise OpmlError(
                f"This is no OPML file: its outermost element is <{name[:40]}>."
            )
        if name == "outline":
            self._add({key.lower(): value for key, value in attributes.items()})

    def _add(self, outline: dict[str, str]) -> None:
        written = _FEED_SCHEME.sub("", outline.get("xmlurl", "").strip())
        if written.startswith("//"):
            written = f"http:{written}"
        url = resolve(self._base, written)
        if not url or url in self.feeds:
            return
        title = _one_line(outline.get("title", "")) or _one_line(
            outline.get("text", "")
        )
        if title == url:
            title = ""
        home = resolve(self._base, outline.get("htmlurl", "")) or ""
        self.feeds[url] = OpmlFeed(url, title, home)

    def refuse_entity(self, *_: object) -> None:
        raise OpmlError(
            "This OPML file declares XML entities; they can stand for anything, so it is not read."
        )


def parse_opml(
    body: bytes, url: str = "", *, charset: str = ""
) -> tuple[OpmlFeed, ...]:
    """Return the feeds of an OPML file, folders flattened; raises OpmlError.

    ``url``, where the file came from, completes relative addresses. Outlines whose
    address is not http or https are passed over.
    """
    if len(body) > MAX_BYTES:
        raise OpmlError(
            f"The OPML file has {len(body):,} bytes; more than {MAX_BYTES:,} are not read."
        )
    # It is text by now, though its declaration may name another encoding.
    text = _DECLARATION.sub("", legal(decode(body, charset)))
    if not text.strip():
        raise OpmlError("The OPML file is empty.")
    reader = _Reader(url)
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        parser.Parse(_BARE_AMPERSAND.sub("&amp;", text).encode(), True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise OpmlError(
            f"The OPML file is broken in line {error.lineno}: {what}."
        ) from error
    return tuple(reader.feeds.values())


def write_opml(feeds: Iterable[OpmlFeed], *, title: str = "Blogsearch") -> str:
    """Return these feeds as OPML 2.0; ``parse_opml`` gives them back."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(_one_line(title))}</title></head>",
        "  <body>",
        *map(_outline, feeds),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _outline(feed: OpmlFeed) -> str:
    title = quoteattr(_one_line(feed.title) or feed.url)
    home = ""
    if feed.home:
        home = f" htmlUrl={quoteattr(feed.home)}"
    return (
        f'    <outline type="rss" text={title} title={title} '
        f"xmlUrl={quoteattr(feed.url)}{home}/>"
    )


def _one_line(text: str) -> str:
    return " ".join(legal(text).split())
