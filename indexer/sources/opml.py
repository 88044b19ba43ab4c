"""OPML: lists of feeds, read and written.

Read with expat alone, event by event: no tree that hostile nesting could blow up, no
entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from indexer.text.encoding import decode
from indexer.text.markup import legal
from indexer.text.urls import resolve
from search.errors import BlogsearchError
from search.text.tags import names_of

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
    """One subscription: the feed's address, its title and the site's home, if known;
    ``collections`` are all folders that it is in, outermost first."""

    url: str
    title: str = ""
    home: str = ""
    collections: tuple[str, ...] = ()


class _Reader:
    """Collects the outlines that name a feed, each address once, in their order."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._root = ""
        self._open: list[str] = []  # of each outline that is open its name as a folder
        self.feeds: dict[str, OpmlFeed] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.lower()
        self._root = self._root or name
        if self._root != "opml":
            raise OpmlError(
                f"This is no OPML file: its outermost element is <{name[:40]}>."
            )
        if name == "outline":
            outline = {key.lower(): value for key, value in attributes.items()}
            self._add(outline)
            is_feed = "xmlurl" in outline
            self._open.append("" if is_feed else _name_of(outline))

    def end(self, name: str) -> None:
        if name.lower() == "outline":
            self._open.pop()

    def _add(self, outline: dict[str, str]) -> None:
        written = _FEED_SCHEME.sub("", outline.get("xmlurl", "").strip())
        if written.startswith("//"):
            written = f"http:{written}"
        url = resolve(self._base, written)
        if not url:
            return
        if known := self.feeds.get(url):
            names = names_of((*known.collections, *self._open))
            self.feeds[url] = replace(known, collections=names)
            return
        title = _name_of(outline)
        if title == url:
            title = ""
        home = resolve(self._base, outline.get("htmlurl", "")) or ""
        self.feeds[url] = OpmlFeed(url, title, home, names_of(self._open))

    def refuse_entity(self, *_: object) -> None:
        raise OpmlError(
            "This OPML file declares XML entities; they can stand for anything, so it is not read."
        )


def parse_opml(
    body: bytes, url: str = "", *, charset: str = ""
) -> tuple[OpmlFeed, ...]:
    """Return the feeds of an OPML file, one an address; raises OpmlError.

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
    parser.EndElementHandler = reader.end
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
    """Return these feeds as OPML 2.0, those in collections in a folder of each;
    ``parse_opml`` gives them back, those in none first."""
    listed = list(feeds)
    loose = [feed for feed in listed if not feed.collections]
    folders = dict.fromkeys(name for feed in listed for name in feed.collections)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(_one_line(title))}</title></head>",
        "  <body>",
        *map(_outline, loose),
        *(line for name in folders for line in _folder(name, listed)),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _folder(name: str, feeds: Iterable[OpmlFeed]) -> list[str]:
    inside = [f"  {_outline(feed)}" for feed in feeds if name in feed.collections]
    return [
        f"    <outline text={quoteattr(_one_line(name))}>",
        *inside,
        "    </outline>",
    ]


def _name_of(outline: dict[str, str]) -> str:
    names = (_one_line(outline.get(key, "")) for key in ("title", "text"))
    return next(filter(None, names), "")


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
