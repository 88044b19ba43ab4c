"""The strategies of finding older posts, in their order."""

from __future__ import annotations

from indexer.backfill.feed_strategies import FeedPages, WordPressFeed, WordPressPosts
from indexer.backfill.list_strategies import ArchivePages
from indexer.backfill.sitemap_strategy import Sitemaps
from indexer.backfill.strategy import Strategy

# The most exact first. Ledgers store a place in this order: add new ones at the end.
STRATEGIES: tuple[type[Strategy], ...] = (
    FeedPages,
    WordPressFeed,
    WordPressPosts,
    Sitemaps,
    ArchivePages,
)
