"""Bytes read as a feed: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed.

The parser takes seconds to minutes on hostile input well under the size limit; callers
run ``parse_feed`` in a process with limits of time and memory.
"""

from __future__ import annotations

from datetime import datetime

from indexer.sources.feed.dates import latest_credible
from indexer.sources.feed.json_feed import read_json_feed
from indexer.sources.feed.model import Feed, FeedError
from indexer.sources.feed.rss_atom import read_xml_feed
from indexer.sources.feed.xml import feed_document, newest_items
from indexer.text.encoding import decode

# The largest feed of a real blog's whole archive seen has 1.9 MB.
MAX_BYTES = 50_000_000
# A post a day for 27 years; parsing them takes 1.5 s, and a worker has 5.
MOST_ITEMS = 10_000


def parse_feed(
    body: bytes, url: str, *, charset: str = "", now: datetime | None = None
) -> Feed:
    """Read the feed in ``body``, which came from ``url``, an address or a file's name.

    ``now`` (default: the clock) tells what is an absurd date. Raises FeedError.
    """
    if len(body) > MAX_BYTES:
        raise FeedError(
            f"The feed {url} has {len(body):,} bytes; more than {MAX_BYTES:,} are not read."
        )
    latest = latest_credible(now)
    text = decode(body, charset)
    if text.lstrip().startswith("{"):
        return read_json_feed(text, url, latest=latest, most=MOST_ITEMS)
    document = feed_document(text)
    if document is not None:
        document, left_out = newest_items(document, MOST_ITEMS)
        return read_xml_feed(document, url, latest=latest, left_out=left_out)
    name = url or "The document"
    if not text.strip():
        raise FeedError(f"{name} is empty.")
    raise FeedError(f"{name} holds no feed: neither RSS nor Atom nor JSON Feed.")
