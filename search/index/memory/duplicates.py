"""Near-duplicates among articles in memory: all are compared with all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from search.text.near_duplicates import are_same, compared_text, representatives
from search.types import Article


def representatives_of(articles: Mapping[int, Article]) -> dict[int, int]:
    """Return the article that stands for the text of each that has a copy."""
    texts = {n: compared_text(one.title, one.blocks) for n, one in articles.items()}
    # The embedded home compares those that share a band of their signatures.
    pairs = [
        (one, other)
        for one, other in combinations(texts, 2)
        if are_same(texts[one], texts[other])
    ]
    order = sorted(texts, key=lambda n: _precedence(articles[n]))
    return representatives(order, pairs)


def _precedence(article: Article) -> tuple[bool, str, int, str]:
    # The first published stands for a text, one without a day last.
    published = ""
    if article.published:
        published = article.published.isoformat()
    return not published, published, len(article.url), article.url
