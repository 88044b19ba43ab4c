"""JSON Feed 1.0 and 1.1 (jsonfeed.org); the version may be missing if there are items."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from indexer.sources.feed.dates import FeedDates
from indexer.sources.feed.model import Feed, FeedError, FeedItem
from indexer.sources.feed.text import (
    base_of_items,
    completed,
    html_paragraphs,
    joined_names,
    plain_title,
    text_field,
)
from indexer.text.markup import legal
from indexer.text.urls import is_web_address


def read_json_feed(text: str, url: str, *, latest: datetime, most: int) -> Feed:
    """Read the ``most`` newest items of a feed that came from ``url``; raises FeedError."""
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"The feed {url} is not valid JSON.") from error
    entries = _field(about, "items")
    if not isinstance(entries, list):
        raise FeedError(
            f"{url or 'The document'} is JSON, but no JSON Feed: it has no list of items."
        )
    home = completed(url, text_field(about, "home_page_url"))
    base = base_of_items(url, home)
    author = _authors(about)
    newest = _newest(entries, most)
    objects = [entry for entry in newest if isinstance(entry, dict)]
    dates = FeedDates.of(
        (text_field(entry, "date_published") for entry in objects),
        language=text_field(about, "language"),
        latest=latest,
    )
    items = [_json_item(entry, base, author=author, dates=dates) for entry in objects]
    # The home page in place of a missing address would be fetched as the article.
    with_address = tuple(item for item in items if item.url)
    return Feed(
        title=plain_title(text_field(about, "title")),
        url=home,
        self_url=completed(url, text_field(about, "feed_url")),
        language=text_field(about, "language"),
        author=author,
        items=with_address,
        next_url=completed(url, text_field(about, "next_url")),
        unplaced=tuple(item for item in items if not item.url),
        left_out=len(entries) - len(newest),
    )


def _newest(entries: list[Any], most: int) -> list[Any]:
    """Return no more than ``most`` items, from the newer end of the list."""
    if len(entries) <= most:
        return entries
    first = text_field(entries[0], "date_published")
    last = text_field(entries[-1], "date_published")
    # ISO 8601 sorts as text.
    if first < last:
        return entries[-most:]
    return entries[:most]


def _json_item(
    entry: Mapping[str, Any], base: str, *, author: str, dates: FeedDates
) -> FeedItem:
    summary = html_paragraphs(text_field(entry, "summary"))
    text = html_paragraphs(text_field(entry, "content_text"))
    written, changed = (
        text_field(entry, "date_published"),
        text_field(entry, "date_modified"),
    )
    published, updated = _json_moment(written, dates), _json_moment(changed, dates)
    return FeedItem(
        url=_json_item_address(entry, base),
        id=_json_item_id(entry),
        title=plain_title(text_field(entry, "title")),
        author=_authors(entry) or author,
        published=published,
        updated=updated,
        summary=summary,
        content=text_field(entry, "content_html") or text or summary,
        language=text_field(entry, "language"),
        about=tuple(filter(None, [completed(base, text_field(entry, "external_url"))])),
        base=base,
        day=dates.local_day(written, published) or dates.local_day(changed, updated),
        tags=_tags(entry),
    )


def _tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    said = entry.get("tags")
    if not isinstance(said, list):
        return ()
    return tuple(plain_title(legal(tag)) for tag in said if isinstance(tag, str))


def _json_item_address(entry: Mapping[str, Any], base: str) -> str:
    """Return the address at which an item can be opened, "" if nothing says it."""
    # An id should be an address, but need not be.
    own = _json_item_id(entry)
    addresses = (
        completed(base, text_field(entry, "url")),
        completed("", own) if is_web_address(own) else "",
        # Of what is only a link to another site.
        completed(base, text_field(entry, "external_url")),
    )
    return next(filter(None, addresses), "")


def _json_item_id(entry: Mapping[str, Any]) -> str:
    key = entry.get("id")
    # Version 1.0 let it be a number.
    if isinstance(key, str | int | float):
        return legal(str(key))
    return ""


def _authors(source: Mapping[str, Any]) -> str:
    """Return the names: version 1.1 has a list of authors, version 1.0 one author."""
    said = source.get("authors") or source.get("author")
    authors = said if isinstance(said, list) else [said]
    return joined_names(map(_name_of, authors))


def _name_of(author: object) -> str:
    """Return the name of an author, who should be an object and may be a text."""
    if isinstance(author, str):
        return author
    return text_field(author, "name")


def _json_moment(written: str, dates: FeedDates) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return dates.moment(written, None)
    return dates.credible(moment)


def _field(source: Any, key: str) -> Any:
    if isinstance(source, dict):
        return source.get(key)
    return None
