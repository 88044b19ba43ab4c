"""The addresses of a feed's older items: RFC 5005, JSON Feed, WordPress, Blogger."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from indexer.records import Item
from indexer.sources.feed.text import plain_title
from indexer.text.urls import is_web_address
from search.errors import BlogsearchError
from search.text.urls import canonical

PER_PAGE = 100  # posts; WordPress gives no more in one answer
_LAST_TAG = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)
# Bytes at a feed's end; what servers write behind it is a comment.
_END = 4096
_DAY = re.compile(r"\d{4}-\d\d-\d\d")  # the time behind it is the blog's own


class PostListError(BlogsearchError):
    """These bytes are no list of posts as WordPress gives it."""


def older_feeds(leads: Mapping[str, str], feed: str) -> list[str]:
    """Return the address of the next older part of a feed, archived before paged.

    None if the feed says that it is complete (RFC 5005), or nothing of older parts.
    """
    if leads.get("complete"):
        return []
    # An archive is complete and stable, a mere page shifts with each new post.
    named = leads.get("prev_archive") or leads.get("next_url")
    if named:
        return [named]
    if "blogger" not in leads.get("generator", "").lower():
        return []
    if not urlsplit(feed).path.startswith("/feeds/posts"):
        return []
    # Blogger counts items from 1, and shows 25 where nothing is said.
    return [_with_parameters(feed, {"start-index": "26", "max-results": "25"})]


def is_cut_off(body: bytes) -> bool:
    """Tell if an XML feed breaks off before its end: items may be missing from it."""
    is_json = body.lstrip().startswith(b"{")
    return not is_json and not _LAST_TAG.search(body[-_END:])


def is_wordpress(leads: Mapping[str, str]) -> bool:
    """Tell if the feed names WordPress as what made it."""
    return "wordpress" in leads.get("generator", "").lower()


def wordpress_page(feed: str, number: int) -> str:
    """Return the address of a page of a WordPress feed; the first is the feed itself."""
    return _with_parameters(feed, {"paged": str(number)})


def wordpress_posts(home: str, number: int) -> str:
    """Return the address of a page of WordPress' own list of posts."""
    # WordPress may lie in a folder of the site.
    base = urljoin(home.rstrip("/") + "/", "wp-json/wp/v2/posts")
    return _with_parameters(base, {"per_page": str(PER_PAGE), "page": str(number)})


def parse_posts(body: bytes, site: str) -> tuple[Item, ...]:
    """Read an answer of /wp-json/wp/v2/posts; raises PostListError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PostListError("The list of posts is not valid JSON.") from error
    if not isinstance(found, list):
        raise PostListError("The answer is JSON, but no list of posts.")
    posts = filter(_is_public, found[:PER_PAGE])
    return tuple(_wordpress_item(post, site) for post in posts)


def _with_parameters(url: str, changed: Mapping[str, str]) -> str:
    """Return the address with these parameters, in place of ones of the same name."""
    parts = urlsplit(url)
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in parameters if pair[0] not in changed]
    return urlunsplit(parts._replace(query=urlencode([*kept, *changed.items()])))


def _is_public(post: Any) -> bool:
    if not isinstance(post, dict) or post.get("status", "publish") != "publish":
        return False
    # Whatever is no text does not read like an address either.
    return is_web_address(str(post.get("link")))


def _wordpress_item(post: Mapping[str, Any], site: str) -> Item:
    # Only the day: WordPress says local time without its zone.
    day = _DAY.match(str(post.get("date")))
    return Item(
        url=canonical(post["link"]),
        title=plain_title(_rendered(post, "title"), is_html=True),
        published=day[0] if day else "",
        content=_rendered(post, "content"),
        site=site,
    )


def _rendered(post: Mapping[str, Any], field: str) -> str:
    """Return a field's HTML."""
    value = post.get(field)
    if isinstance(value, dict):
        value = value.get("rendered")
    if isinstance(value, str):
        return value
    return ""
