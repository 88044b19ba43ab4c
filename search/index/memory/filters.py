"""Filters over articles in memory."""

from __future__ import annotations

from collections.abc import Mapping

from search.index.site_names import asked_site, squashed
from search.port_values import Scope
from search.text.folding import fold
from search.text.tags import folded
from search.types import Article, Filters


def matching_articles(articles: Mapping[int, Article], scope: Scope) -> set[int]:
    """Return the ids of the articles that the filters of a scope leave."""
    filters, found = scope.filters, dict(articles)
    if scope.articles is not None:
        found = {n: one for n, one in found.items() if n in scope.articles}
    if filters.site:
        found = _of_site(found, filters.site)
    return {n for n, one in found.items() if _passes(one, filters)}


def _passes(article: Article, filters: Filters) -> bool:
    """Tell if an article meets all conditions but that on its site."""
    # Without a first day every date is late enough, an unknown one too.
    first = last = ""
    if filters.after:
        first = filters.after.isoformat()
    if filters.before:
        last = filters.before.isoformat()
    conditions = (
        fold(filters.author) in fold(article.author),
        filters.language in ("", article.language),
        filters.evidence in ("", article.evidence),
        first <= article.dated,
        not last or "" < article.dated <= last,
        folded(filters.tags) <= folded(article.tags),
        folded(filters.without_tags).isdisjoint(folded(article.tags)),
        not filters.collection
        or fold(filters.collection) in folded(article.collections),
    )
    return all(conditions)


def _of_site(articles: dict[int, Article], site: str) -> dict[int, Article]:
    """Return the articles of a host, or a domain above it, or of a site's name; where
    there is no such site, those with a part of the name."""
    asked = asked_site(site)
    found = {
        n: one for n, one in articles.items() if asked.is_named(one.host, one.site)
    }
    if found or not asked.part:
        return found
    return {
        n: one
        for n, one in articles.items()
        if asked.part in squashed(one.site, one.host, one.author)
    }
