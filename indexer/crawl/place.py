"""The choice of address and text where several addresses lead to one article.

Does no input or output.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from indexer.crawl.tasks import Attempt
from indexer.documents.read_page import share_text
from indexer.records import PageRecord
from indexer.text.urls import identity_of
from search.types import Article


def place(
    article: Article,
    attempt: Attempt,
    *,
    there: Article | None,
    records: Iterable[PageRecord],
) -> Article:
    """Return the article as it is to be stored beside the one that is ``there``.

    ``records`` are of the other addresses that lead to that one. It is stored under one
    of its aliases, https before http, with the text of the page at its own address;
    under the address that was asked where its text refutes the claim to be the other.
    """
    if there is None:
        return article
    if there.evidence == "article" != article.evidence:
        return replace(there, notes=article.notes)
    identity = identity_of(article.url)
    if identity_of(attempt.task.url) != identity:
        was_there = attempt.known is not None and attempt.known.article == there.url
        if not was_there and not _is_same_text(there, article):
            return replace(article, url=attempt.task.url)
        if _has_own_page(identity, records):
            return replace(there, notes=article.notes)
    if article.url.startswith("https:") and not there.url.startswith("https:"):
        return article
    return replace(article, url=there.url)


def _has_own_page(identity: str, records: Iterable[PageRecord]) -> bool:
    return any(
        record.state == "good" and identity_of(record.url) == identity
        for record in records
    )


def _is_same_text(one: Article, other: Article) -> bool:
    """Tell whether two whole articles share their text; a summary proves nothing."""
    if one.evidence != "article" or other.evidence != "article":
        return True
    return share_text(one.text, other.text, without_words=True)
