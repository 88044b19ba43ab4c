"""RSS and Atom, read with feedparser: its one door.

feedparser gets an in-memory stream, never a name: bytes that look like a path it would
open. Its sanitizer and its rewriting of links inside HTML are off: both rewrite the
HTML and lose MathJax, MathML and code on the way.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from indexer.sources.feed.dates import FeedDates
from indexer.sources.feed.model import Feed, FeedError, FeedItem
from indexer.sources.feed.text import (
    HTML_TYPES,
    base_of_items,
    completed,
    joined_names,
    plain_title,
    text_as_html,
    text_field,
)
from indexer.text.urls import is_web_address

# What feedparser's fallback parser raises on broken markup.
_PARSER_ERRORS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    OverflowError,
)
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005


@dataclass(frozen=True, slots=True)
class _Context:
    """A feed's values that its items are read with.

    ``base`` completes their addresses, ``author`` stands in for theirs, ``dates`` reads
    their dates.
    """

    base: str
    author: str
    atom: bool
    dates: FeedDates


def read_xml_feed(
    document: str, url: str, *, latest: datetime, left_out: int = 0
) -> Feed:
    """Read a feed's XML, which came from ``url``; raises FeedError.

    ``left_out`` counts items that were taken out of it before.
    """
    parsed = _parse_xml(document, url)
    about = parsed["feed"]
    home = _first_link(about, "alternate", url) or completed(
        url, text_field(about, "link")
    )
    author = _authors_of(about)
    atom = str(parsed["version"]).startswith("atom")
    language = text_field(about, "language")
    context = _Context(
        base=base_of_items(url, home),
        author=author if atom else "",
        atom=atom,
        dates=_dates_of(parsed["entries"], language, latest),
    )
    items = [_xml_item(entry, context) for entry in parsed["entries"]]
    # The home page in place of a missing address would be fetched as the article.
    with_address = tuple(item for item in items if item.url)
    software = text_field(about, "generator")
    software_url = text_field(_get(about, "generator_detail"), "href")
    return Feed(
        title=_xml_title(about, atom=atom),
        url=home,
        self_url=_first_link(about, "self", url),
        language=language,
        author=author,
        items=with_address,
        next_url=_first_link(about, "next", url),
        prev_archive=_first_link(about, "prev-archive", url),
        complete=_is_complete(about, _get(parsed, "namespaces") or {}),
        unplaced=tuple(item for item in items if not item.url),
        generator=f"{software} {software_url}".strip(),
        left_out=left_out,
    )


def _parse_xml(document: str, url: str) -> Mapping[str, Any]:
    # drv_libxml2, feedparser's first choice where it can be imported, opens the files
    # that entities name.
    feedparser.api.PREFERRED_XML_PARSERS = []
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO((_DECLARATION + document).encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _PARSER_ERRORS as error:
        raise FeedError(
            f"The feed {url} cannot be read: its XML is broken beyond repair."
        ) from error
    # A broken feed still gives the items before the break.
    is_broken = parsed["bozo"] or not parsed["version"]
    if is_broken and not parsed["entries"]:
        raise FeedError(
            f"The feed {url} cannot be read: its XML is broken and no item came out."
        )
    return parsed


def _is_complete(about: Any, namespaces: Mapping[str, str]) -> bool:
    """Tell if the feed says that it has all items (RFC 5005, section 2)."""
    # Whatever prefix stands for the namespace.
    for prefix, uri in namespaces.items():
        name = f"{prefix.lower()}_complete".lstrip("_")
        if uri == _HISTORY and _get(about, name) is not None:
            return True
    return False


def _xml_item(entry: Mapping[str, Any], context: _Context) -> FeedItem:
    dates = context.dates
    summary = _as_html(_get(entry, "summary_detail"))
    texts = [_as_html(detail) for detail in _details(entry, "content")]
    updated = _time_of(entry, "updated", dates)
    published = _time_of(entry, "published", dates) or _time_of(entry, "created", dates)
    day = dates.local_day(text_field(entry, "published"), published)
    if published is None and not context.atom:
        # RSS 1.0 has one date, dc:date, which is that of publication; feedparser calls
        # it updated.
        published = updated
    return FeedItem(
        url=_entry_address(entry, context.base),
        id=text_field(entry, "id"),
        title=_xml_title(entry, atom=context.atom),
        author=_authors_of(entry) or context.author,
        published=published,
        updated=updated,
        summary=summary,
        content=max([*texts, summary], key=len),
        language=_item_language(entry),
        about=_about(entry, context.base),
        base=_base_of_text(entry) or context.base,
        day=day or dates.local_day(text_field(entry, "updated"), updated),
        tags=_tags(entry),
    )


def _tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return an entry's categories: in Atom the label for people, else the term."""
    return tuple(
        plain_title(text_field(one, "label") or text_field(one, "term"))
        for one in _details(entry, "tags")
    )


def _get(source: Any, key: str) -> Any:
    """Look up a key: feedparser's own look-up puts other fields in place of missing ones."""
    if isinstance(source, dict):
        return dict.get(source, key)
    return None


def _details(source: Any, key: str) -> list[Any]:
    return list(_get(source, key) or ())


def _xml_title(source: Any, *, atom: bool) -> str:
    # Of a title's type only Atom says anything; for RSS feedparser guesses.
    declared = text_field(_get(source, "title_detail"), "type")
    return plain_title(
        text_field(source, "title"), is_html=atom and declared in HTML_TYPES
    )


def _authors_of(source: Any) -> str:
    """Return the authors' names; an address of electronic mail is none."""
    details = _details(source, "authors")
    if len(details) > 1:
        return joined_names(text_field(each, "name") for each in details)
    # A lone author is read from what is written: feedparser knows no top-level domain of
    # more than four letters.
    return joined_names([text_field(source, "author")])


def _item_language(entry: Mapping[str, Any]) -> str:
    details = [
        entry,
        *_details(entry, "content"),
        _get(entry, "summary_detail"),
        _get(entry, "title_detail"),
    ]
    declared = (text_field(detail, "language") for detail in details)
    return next(filter(None, declared), "")


def _first_link(source: Any, relation: str, base: str) -> str:
    """Return the first link of this relation, an HTML page before any other."""
    links = _details(source, "links")
    links.sort(key=lambda link: "html" not in text_field(link, "type"))
    for link in links:
        if _get(link, "rel") == relation:
            address = completed(base, text_field(link, "href"))
            if address:
                return address
    return ""


def _links(source: Any, relation: str, base: str) -> list[str]:
    """Return the addresses of all links of this relation."""
    links = (
        link for link in _details(source, "links") if _get(link, "rel") == relation
    )
    addresses = (completed(base, text_field(link, "href")) for link in links)
    return list(filter(None, addresses))


def _about(entry: Mapping[str, Any], base: str) -> tuple[str, ...]:
    """Return the pages that an entry says it is about, or was found by."""
    return (*_links(entry, "related", base), *_links(entry, "via", base))


def _base_of_text(entry: Mapping[str, Any]) -> str:
    bases = (text_field(detail, "base") for detail in _details(entry, "content"))
    return next(filter(is_web_address, bases), "")


def _entry_address(entry: Mapping[str, Any], base: str) -> str:
    """Return the address at which an item can be opened, "" if nothing says it."""
    # FeedBurner's links lead through its own counter.
    original = text_field(entry, "feedburner_origlink")
    if is_web_address(original):
        return completed("", original)
    # feedparser's "link" may be the guid. One that is no address stays out, though RSS
    # has guids be permalinks unless they say otherwise.
    permalink = text_field(entry, "link")
    own = _first_link(entry, "alternate", base)
    if not own and is_web_address(permalink):
        own = completed("", permalink)
    # Of a podcast without pages the recording.
    return own or _first_link(entry, "enclosure", base)


def _dates_of(entries: Any, language: str, latest: datetime) -> FeedDates:
    written = (
        text_field(entry, key) for entry in entries for key in ("published", "updated")
    )
    return FeedDates.of(written, language=language, latest=latest)


def _time_of(entry: Mapping[str, Any], key: str, dates: FeedDates) -> datetime | None:
    parsed = _get(entry, f"{key}_parsed")
    moment = None
    if isinstance(parsed, struct_time):
        # Of what is no day feedparser makes a struct all the same.
        with suppress(ValueError):
            moment = datetime(*parsed[:6], tzinfo=UTC)
    return dates.moment(text_field(entry, key), moment)


def _as_html(detail: Any) -> str:
    """Return the value of a text construct as HTML."""
    return text_as_html(
        text_field(detail, "value"), text_field(detail, "type") or "text/html"
    )
