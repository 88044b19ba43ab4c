"""Where the older items of a feed are: RFC 5005, JSON Feed, WordPress, Blogger.
Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from indexer.records import Item
from indexer.sources.feeds import plain_title
from indexer.text.urls import is_web_address
from search.errors import BlogsearchError
from search.text.urls import canonical

PER_PAGE = 100  # posts that WordPress gives at most in one answer
_LAST_TAG = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)
_END = 4096  # bytes at a feed's end; what servers write behind it is a comment
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class PostListError(BlogsearchError):
    """These bytes are no list of posts as WordPress gives it."""


def older_feeds(leads: Mapping[str, str], feed: str) -> list[str]:
    """The address of the next older part of a feed, archived before merely paged (RFC
    5005), none if the feed says that it is complete or nothing of older parts."""
    if leads.get("complete"):
        return []
    named = leads.get("prev_archive") or leads.get("next_url")
    if named:
        return [named]
    parts = urlsplit(feed)
    if "blogger" in leads.get("generator", "").lower() and parts.path.startswith(
        "/feeds/posts"
    ):
        return [with_parameters(feed, {"start-index": "26", "max-results": "25"})]
    return []


def is_cut_off(body: bytes) -> bool:
    """Whether an XML feed breaks off before its end: items may be missing from it."""
    return not body.lstrip().startswith(b"{") and not _LAST_TAG.search(body[-_END:])


def is_wordpress(leads: Mapping[str, str]) -> bool:
    """Whether the feed names WordPress as what made it."""
    return "wordpress" in leads.get("generator", "").lower()


def wordpress_page(feed: str, number: int) -> str:
    """The address of a page of a WordPress feed; the first is the feed itself."""
    return with_parameters(feed, {"paged": str(number)})


def wordpress_posts(home: str, number: int) -> str:
    """The address of a page of WordPress' own list of posts."""
    base = urljoin(home if home.endswith("/") else f"{home}/", "wp-json/wp/v2/posts")
    return with_parameters(base, {"per_page": str(PER_PAGE), "page": str(number)})


def parse_posts(body: bytes, site: str) -> tuple[Item, ...]:
    """The posts of an answer of /wp-json/wp/v2/posts; raises PostListError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PostListError("The list of posts is not valid JSON.") from error
    if not isinstance(found, list):
        raise PostListError("The answer is JSON, but no list of posts.")
    return tuple(
        item
        for post in found[:PER_PAGE]
        if isinstance(post, dict) and (item := _item(post, site))
    )


def with_parameters(url: str, changed: Mapping[str, str]) -> str:
    """The address with these parameters, in place of ones of the same name."""
    parts = urlsplit(url)
    kept = [
        (k, v)
        for k, v in parse_qsl(parts.query, keep_blank_values=True)
        if k not in changed
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *changed.items()])))


def _item(post: Mapping[str, Any], site: str) -> Item | None:
    link = post.get("link")
    if (
        not isinstance(link, str)
        or not is_web_address(link)
        or post.get("status", "publish") != "publish"
    ):
        return None
    written = str(post.get("date") or "")[:10]
    return Item(
        url=canonical(link),
        title=plain_title(_rendered(post.get("title")), is_html=True),
        published=written if _DATE.fullmatch(written) else "",
        content=_rendered(post.get("content")),
        site=site,
    )


def _rendered(value: Any) -> str:
    text = value.get("rendered") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""
