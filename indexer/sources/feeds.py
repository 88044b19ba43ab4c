"""Bytes → feed: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed. Pure; the only user of
feedparser.

feedparser gets an in-memory stream, never a name: bytes that look like a path it would
open. Its sanitizer and its rewriting of links inside HTML are off: both write the HTML
anew and lose MathJax, MathML and code on the way. So the HTML of an item is as its
author wrote it: for the extractor, never to be shown as markup.

The parser takes seconds to minutes on hostile input well under the size limit; callers
run ``parse_feed`` in a process with limits of time and memory.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import struct_time
from typing import Any

import feedparser

from indexer.sources.feed_xml import feed_document, newest_items
from indexer.text.dates import find_date
from indexer.text.encoding import decode
from indexer.text.markup import legal
from indexer.text.urls import is_web_address, resolve
from search.errors import BlogsearchError

# drv_libxml2, feedparser's first choice where importable, opens the files that entities
# name.
feedparser.api.PREFERRED_XML_PARSERS = []

# the largest feed of a real blog's whole archive seen here has 1.9 MB
MAX_BYTES = 50_000_000
# a post a day for 27 years; parsing them takes 1.5 s, and a worker has 5
MOST_ITEMS = 10_000
LONGEST_TITLE = 1_000  # characters, of all authors' names together too
# What feedparser's fallback parser raises on broken markup.
_PARSER_ERRORS = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError,
)  # fmt: skip
# the first day of 1970 is what unset clocks say
_EPOCH_DAY = datetime(1970, 1, 2, tzinfo=UTC)
# scheduled posts and wrong clocks stay; what lies further ahead is a mistake
_AHEAD = timedelta(days=366)
_HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|tt|u|var|wbr)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_ENTITY = re.compile(
    r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
)
_MAIL = re.compile(r"[(<]?[^\s()<>@]{1,200}@[^\s()<>@]{1,200}[)>]?")
_CLOSING_TAG = re.compile(
    r"</(?:p|div|a|em|i|b|strong|ul|ol|li|pre|code|h[1-6]|blockquote|span|table)>|<br\s*/?>",
    re.I,
)


class FeedError(BlogsearchError):
    """These bytes are no feed that can be read."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item. ``url`` is absolute; ``title`` and ``author`` plain text; ``summary``
    and ``content`` HTML as written (``content`` is the fullest of what the item gives);
    times in UTC. ``published`` is None where the feed says nothing credible, even if
    ``updated`` is known. ``day`` is the calendar day of publication (or else of the
    last change) where the author was, as the feed writes it: in UTC a post of the late
    evening falls on another day. ``language`` is what the item itself declares, which
    is often wrong."""

    url: str
    id: str = ""
    title: str = ""
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    summary: str = ""
    content: str = ""
    language: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: ``url`` is the site's home, ``self_url`` the feed's own address, "" where
    not given.

    ``next_url`` and ``prev_archive`` lead to older items (RFC 5005, JSON Feed),
    ``complete`` says that there are none. ``generator`` names the software.
    ``without_address`` counts items left out because nothing in them says where they
    can be opened; the home page in their place would be fetched as their article.
    ``left_out`` counts the items beyond the MOST_ITEMS newest.
    """

    title: str = ""
    url: str = ""
    self_url: str = ""
    language: str = ""
    author: str = ""
    items: tuple[FeedItem, ...] = field(default=(), repr=False)
    next_url: str = ""
    prev_archive: str = ""
    complete: bool = False
    without_address: int = 0
    generator: str = ""
    left_out: int = 0


def parse_feed(
    body: bytes, url: str, *, charset: str = "", now: datetime | None = None
) -> Feed:
    """The feed in ``body``, which came from ``url`` (an address, or a local file's
    name).

    ``now`` (default: the clock) tells what is an absurd date. Raises FeedError.
    """
    if len(body) > MAX_BYTES:
        raise FeedError(
            f"The feed {url} has {len(body):,} bytes; more than {MAX_BYTES:,} are not read."
        )
    latest = (now or datetime.now(UTC)) + _AHEAD
    text = decode(body, charset)
    if text.lstrip()[:1] == "{":
        return _json_feed(text, url, latest)
    document = feed_document(text)
    if document is None:
        what = (
            "is empty"
            if not text.strip()
            else "holds no feed: neither RSS nor Atom nor JSON Feed"
        )
        raise FeedError(f"{url or 'The document'} {what}.")
    return _xml_feed(document, url, latest)


def plain_title(text: str, *, is_html: bool = False) -> str:
    """A title as plain text on one line, however often its entities were escaped.

    ``is_html``: the feed says that it is HTML. Otherwise only tags of inline markup are
    taken out, as "Drawing on <canvas>" means what it says.
    """
    if is_html:
        text = html.unescape(_ANY_TAG.sub("", text))
    elif "</" in text:
        text = _INLINE_TAG.sub("", text)
    for _ in range(2):  # escaped twice, and once more by the template
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return " ".join(legal(text).split())[:LONGEST_TITLE]


# --- RSS and Atom -------------------------------------------------------------------------------


def _xml_feed(document: str, url: str, latest: datetime) -> Feed:
    document, left_out = newest_items(document, MOST_ITEMS)
    stream = io.BytesIO(
        ('<?xml version="1.0" encoding="utf-8"?>\n' + document).encode()
    )
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            stream,
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _PARSER_ERRORS as error:
        raise FeedError(
            f"The feed {url} cannot be read: its XML is broken beyond repair."
        ) from error
    entries: list[Any] = parsed["entries"]
    if not entries and (parsed["bozo"] or not parsed["version"]):
        raise FeedError(
            f"The feed {url} cannot be read: its XML is broken and no item came out."
        )
    about = parsed["feed"]
    home = _link(about, "alternate", url) or resolve(url, _text(about, "link")) or ""
    base = url if is_web_address(url) else home or url
    author = _names(about)
    atom = str(parsed["version"]).startswith("atom")
    items = [
        _xml_item(entry, base, latest, default_author=author if atom else "", atom=atom)
        for entry in entries
    ]
    return Feed(
        title=_title(about, atom=atom),
        url=home,
        self_url=_link(about, "self", url),
        language=_text(about, "language"),
        author=author,
        items=tuple(item for item in items if item.url),
        next_url=_link(about, "next", url),
        prev_archive=_link(about, "prev-archive", url),
        complete=_is_complete(about, _get(parsed, "namespaces") or {}),
        without_address=sum(not item.url for item in items),
        generator=f"{_text(about, 'generator')} {_text(_get(about, 'generator_detail'), 'href')}".strip(),
        left_out=left_out,
    )


def _is_complete(about: Any, namespaces: Mapping[str, str]) -> bool:
    """Whether the feed itself says that it has all items, under whatever prefix (RFC
    5005, section 2)."""
    prefixes = [prefix.lower() for prefix, uri in namespaces.items() if uri == _HISTORY]
    return any(
        _get(about, f"{prefix}_complete".lstrip("_")) is not None for prefix in prefixes
    )


def _xml_item(
    entry: Mapping[str, Any],
    base: str,
    latest: datetime,
    *,
    default_author: str,
    atom: bool,
) -> FeedItem:
    summary = _as_html(_get(entry, "summary_detail"))
    texts = [_as_html(detail) for detail in _get(entry, "content") or ()]
    updated = _moment(entry, "updated", latest)
    published = _moment(entry, "published", latest) or _moment(entry, "created", latest)
    return FeedItem(
        url=_address(entry, base),
        id=_text(entry, "id"),
        title=_title(entry, atom=atom),
        author=_names(entry) or default_author,
        # RSS 1.0 has one date, dc:date, which is that of publication; feedparser calls
        # it updated
        published=published if published or atom else updated,
        updated=updated,
        summary=summary,
        content=max([*texts, summary], key=len),
        language=_language(entry),
        day=_day(_text(entry, "published"), published)
        or _day(_text(entry, "updated"), updated),
    )


def _get(source: Any, key: str) -> Any:
    """A plain look-up: feedparser's own one puts other fields in the place of missing
    ones."""
    return dict.get(source, key) if isinstance(source, dict) else None


def _text(source: Any, key: str) -> str:
    value = _get(source, key)
    return legal(value).strip() if isinstance(value, str) else ""


def _title(source: Any, *, atom: bool) -> str:
    """Of a title's type only Atom says anything; for RSS feedparser guesses."""
    declared = _text(_get(source, "title_detail"), "type") in (
        "text/html",
        "application/xhtml+xml",
    )
    return plain_title(_text(source, "title"), is_html=atom and declared)


def _names(source: Any) -> str:
    """The authors' names; an address of electronic mail is none.

    A lone author is read anew: feedparser knows no top-level domain of more than four
    letters.
    """
    details = _get(source, "authors") or ()
    written = _text(source, "author")
    if len(details) > 1:
        names = [_text(each, "name") for each in details]
    else:
        names = [_MAIL.sub("", written).strip(" ()<>,")]
    return ", ".join(dict.fromkeys(filter(None, map(plain_title, names))))[
        :LONGEST_TITLE
    ]


def _language(entry: Mapping[str, Any]) -> str:
    details = [
        *(_get(entry, "content") or ()),
        _get(entry, "summary_detail"),
        _get(entry, "title_detail"),
    ]
    declared = (_text(detail, "language") for detail in details)
    return _text(entry, "language") or next(filter(None, declared), "")


def _link(source: Any, relation: str, base: str) -> str:
    """The first link of this relation, an HTML page before any other."""
    links = [
        link for link in _get(source, "links") or () if _get(link, "rel") == relation
    ]
    links.sort(key=lambda link: "html" not in _text(link, "type"))
    return next(
        filter(None, (resolve(base, _text(link, "href")) for link in links)), ""
    )


def _address(entry: Mapping[str, Any], base: str) -> str:
    """Where the item can be opened: its original address, its link, its guid if that is
    a permalink, or else the recording that comes with it.

    A guid that is no address stays out, though RSS has guids be permalinks unless they
    say otherwise.
    """
    original = _text(entry, "feedburner_origlink")
    if is_web_address(original):
        return resolve("", original) or ""
    from_link = _link(entry, "alternate", base)
    permalink = _text(entry, "link")
    own = from_link or (resolve("", permalink) if is_web_address(permalink) else "")
    return own or _link(entry, "enclosure", base)


def _moment(entry: Mapping[str, Any], key: str, latest: datetime) -> datetime | None:
    parsed = _get(entry, f"{key}_parsed")
    if isinstance(parsed, struct_time):
        try:
            return _credible(datetime(*parsed[:6], tzinfo=UTC), latest)
        except ValueError:
            return None
    day = find_date(_text(entry, key))
    return (
        _credible(datetime(day.year, day.month, day.day, tzinfo=UTC), latest)
        if day
        else None
    )


def _day(written: str, moment: datetime | None) -> date | None:
    """The day as it was written; it lies within a day of the moment, or else was
    misread."""
    day = find_date(written)
    if moment is None or day is None or abs(day - moment.date()) > timedelta(days=1):
        return moment.date() if moment else None
    return day


def _credible(moment: datetime, latest: datetime) -> datetime | None:
    return moment if _EPOCH_DAY <= moment <= latest else None


def _as_html(detail: Any) -> str:
    """The value of a text construct as HTML; "" for what is no text (images, documents
    in base64)."""
    value, kind = _text(detail, "value"), _text(detail, "type") or "text/html"
    if kind in ("text/html", "application/xhtml+xml") or (
        kind == "text/plain" and _CLOSING_TAG.search(value)
    ):
        return value
    return _paragraphs(value) if kind.startswith("text/") else ""


def _paragraphs(text: str) -> str:
    parts: Iterable[str] = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "\n".join(
        f"<p>{html.escape(part, quote=False)}</p>" for part in parts if part
    )


# --- JSON Feed ----------------------------------------------------------------------------------


def _json_feed(text: str, url: str, latest: datetime) -> Feed:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org); the version may be missing if there are
    items."""
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"The feed {url} is not valid JSON.") from error
    entries = _get(about, "items")
    if not isinstance(entries, list):
        raise FeedError(
            f"{url or 'The document'} is JSON, but no JSON Feed: it has no list of items."
        )
    home = resolve(url, _text(about, "home_page_url")) or ""
    base = url if is_web_address(url) else home or url
    author = _json_authors(about)
    newest = _newest_entries(entries)
    items = [
        _json_item(entry, base, latest, author)
        for entry in newest
        if isinstance(entry, dict)
    ]
    return Feed(
        title=plain_title(_text(about, "title")),
        url=home,
        self_url=resolve(url, _text(about, "feed_url")) or "",
        language=_text(about, "language"),
        author=author,
        items=tuple(item for item in items if item.url),
        next_url=resolve(url, _text(about, "next_url")) or "",
        without_address=sum(not item.url for item in items),
        left_out=len(entries) - len(newest),
    )


def _newest_entries(entries: list[Any]) -> list[Any]:
    """No more than MOST_ITEMS, from the newer end of the list; ISO 8601 sorts as
    text."""
    first, last = (
        _text(entry, "date_published")
        for entry in (entries[:1] + entries[-1:] or [None, None])
    )
    return entries[-MOST_ITEMS:] if first < last else entries[:MOST_ITEMS]


def _json_item(
    entry: Mapping[str, Any], base: str, latest: datetime, default_author: str
) -> FeedItem:
    key = _get(entry, "id")
    key = legal(str(key)) if isinstance(key, str | int | float) else ""
    address = resolve(base, _text(entry, "url")) or resolve(
        base, _text(entry, "external_url")
    )
    summary = _paragraphs(_text(entry, "summary"))
    published = _json_moment(_text(entry, "date_published"), latest)
    updated = _json_moment(_text(entry, "date_modified"), latest)
    texts = [
        _text(entry, "content_html"),
        _paragraphs(_text(entry, "content_text")),
        summary,
    ]
    return FeedItem(
        url=address or (resolve("", key) if is_web_address(key) else "") or "",
        id=key,
        title=plain_title(_text(entry, "title")),
        author=_json_authors(entry) or default_author,
        published=published,
        updated=updated,
        summary=summary,
        content=next(filter(None, texts), ""),
        language=_text(entry, "language"),
        day=_day(_text(entry, "date_published"), published)
        or _day(_text(entry, "date_modified"), updated),
    )


def _json_authors(source: Any) -> str:
    """Version 1.1 has a list of authors, version 1.0 one author."""
    authors = _get(source, "authors")
    authors = authors if isinstance(authors, list) else [_get(source, "author")]
    names = (plain_title(_text(author, "name")) for author in authors)
    return ", ".join(dict.fromkeys(filter(None, names)))[:LONGEST_TITLE]


def _json_moment(text: str, latest: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        day = find_date(text)
        moment = (
            datetime(day.year, day.month, day.day, tzinfo=UTC)
            if day
            else _EPOCH_DAY - _AHEAD
        )
    return _credible(moment, latest)
