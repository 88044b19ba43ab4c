"""The blogger's own post in a feed's entry that leads to another site: of a linkblog.

Of such an entry the linked page is what it is about; its own post is named elsewhere in
it. Fetches nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from indexer.sources.feed.model import FeedItem
from indexer.sources.feed.text import completed
from indexer.text.link_words import PERMALINK_TEXTS
from indexer.text.urls import is_web_address
from search.text.urls import host, without_www

# Counters that lead on to the post.
_COUNTERS = ("feedburner.com", "feedproxy.google.com", "feeds.feedblitz.com")
_FEWEST = 3  # entries by which a site is known as the feed's own
_ANCHOR = re.compile(
    r"""<a\s([^<>]{0,1000})>((?:(?!</a>).){0,200})</a>""", re.IGNORECASE | re.DOTALL
)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_SAYS_SO = re.compile(
    r"""\b(?:title|rel|class)\s*=\s*["'][^"']*(?:perma(?:nent )?link|bookmark)""",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(r"<[^<>]*>|&nbsp;|&#160;|\s")
_SIGNS = PERMALINK_TEXTS | {"★", "☆", "➟", "→", "permanentlink"}
_MOST_ANCHORS = 200  # of one entry


def own_sites(known: Iterable[str], items: Sequence[FeedItem]) -> set[str]:
    """Return the hosts of a feed's own site, ``www.`` set aside.

    ``known`` are the addresses of the feed and of its home; a host on which most
    entries lie is another, as a feed's home may be out of date.
    """
    hosts = {without_www(host(url)) for url in known}
    by_host = Counter(without_www(host(item.url)) for item in items)
    for name, count in by_host.most_common(1):
        if count >= _FEWEST and 2 * count > len(items):
            hosts.add(name)
    return hosts - {""}


def leads_elsewhere(url: str, own: set[str]) -> bool:
    """Tell whether an address is on a site that is not among the feed's own."""
    site = without_www(host(url))
    is_counter = any(f".{site}".endswith(f".{name}") for name in _COUNTERS)
    return bool(site and own) and site not in own and not is_counter


def with_own_post(item: FeedItem, own: set[str]) -> FeedItem:
    """Return an entry under the address of the blogger's own post, with the page that
    it is about as ``linked``; as it is where it names no such two."""
    if not leads_elsewhere(item.url, own):
        # The post is its own, and may say which page of another site it is about.
        about = (url for url in item.about if leads_elsewhere(url, own))
        return replace(item, linked=next(about, ""))
    named = [*item.about, item.id, *_permalinks(item)]
    posts = (url for url in named if is_web_address(url) and _is_post(url, own))
    post = next(posts, "")
    if not post:
        return item
    return replace(item, url=completed("", post), linked=item.url)


def _is_post(url: str, own: set[str]) -> bool:
    """Tell whether an address is on the feed's own site, and not its home page."""
    path = url.partition("://")[2].partition("/")[2]
    return without_www(host(url)) in own and bool(path.strip("/"))


def _permalinks(item: FeedItem) -> list[str]:
    """Return the addresses in an entry's text that are said to be its own."""
    found = []
    for anchor in islice(_ANCHOR.finditer(item.content), _MOST_ANCHORS):
        attributes, inside = anchor.groups()
        address = _HREF.search(attributes)
        words = _NO_WORDS.sub("", inside).lower()
        if address and (words in _SIGNS or _SAYS_SO.search(attributes)):
            written = address[1] or address[2]
            found.append(completed(item.base, written.replace("&amp;", "&")))
    return found
