"""The change of one article, in the transaction that it has for itself.

First come its own rows, which other writers' changes don't wait for; then, with the row
of ``state`` locked, what concerns all articles. To do it twice is harmless.
"""

from __future__ import annotations

from search.index.postgres import state
from search.index.postgres.connection import Connection
from search.index.postgres.rows import host_of
from search.index.postgres.state import Counts
from search.index.postgres.writing import articles, duplicates, statistics
from search.index.postgres.writing.articles import Stored
from search.index.postgres.writing.prepared import PreparedArticle
from search.index.postgres.writing.statistics import Difference
from search.text.near_duplicates import ComparedText
from search.types import Article


def put(connection: Connection, new: PreparedArticle, indexer: int) -> None:
    """Write an article in place of the one at its address."""
    host = host_of(new.article)
    articles.lock_host(connection, host)
    site = articles.note_site(connection, host)
    old = articles.stored(connection, new.article.url, site)
    change = Difference()
    change.add(new.counts())
    if old is not None:
        change.subtract(statistics.stored_counts(connection, old.id, site))
        articles.drop_passages(connection, old.id, site)
    number = articles.put_article(
        connection, new, site=site, indexer=indexer, before=old.id if old else 0
    )
    if old is not None:
        articles.drop_byline(connection, old.byline)
    articles.put_passages(connection, new, article=number, site=site)
    text = _changed_text(new, old)
    # From here on to the COMMIT other writers wait.
    state.lock(connection)
    statistics.apply(connection, change)
    _settle_copies(connection, number, text)
    state.count(connection, _counts(new, old))


def forget(connection: Connection, url: str) -> bool:
    """Remove the article at an address; False where there is none."""
    host = host_of(Article(url, ""))
    articles.lock_host(connection, host)
    site = articles.site_of(connection, host)
    old = articles.stored(connection, url, site)
    if old is None:
        return False
    change = Difference()
    change.subtract(statistics.stored_counts(connection, old.id, site))
    articles.drop_passages(connection, old.id, site)
    articles.drop_article(connection, old.id, site)
    articles.drop_byline(connection, old.byline)
    articles.drop_site(connection, site)
    state.lock(connection)
    statistics.apply(connection, change)
    others = duplicates.alike(connection, [old.id]) - {old.id}
    duplicates.drop(connection, old.id)
    duplicates.choose_representatives(connection, others)
    state.count(connection, _counts(None, old))
    return True


def _changed_text(
    new: PreparedArticle, old: Stored | None
) -> tuple[ComparedText, list[int]] | None:
    """Return an article as it is compared with others, None where it has been."""
    if old is not None and (old.title, old.blocks) == new.compared:
        return None
    return duplicates.signature(*new.compared)


def _settle_copies(
    connection: Connection, article: int, text: tuple[ComparedText, list[int]] | None
) -> None:
    """Compare a text that has changed, and choose the representatives of all that were
    or are alike."""
    # Those that were alike may be represented by another one now.
    affected = duplicates.alike(connection, [article])
    if text is not None:
        duplicates.drop(connection, article)
        duplicates.compare(connection, article, *text)
        affected |= duplicates.alike(connection, [article])
    if len(affected) > 1:
        duplicates.choose_representatives(connection, affected)


def _counts(new: PreparedArticle | None, old: Stored | None) -> Counts:
    articles_now, passages_now, words_now = 0, 0, 0
    articles_then, passages_then, words_then = 0, 0, 0
    if new is not None:
        articles_now, passages_now, words_now = 1, len(new.passages), new.words
    if old is not None:
        articles_then, passages_then, words_then = 1, old.passages, old.words
    return Counts(
        articles_now - articles_then,
        passages_now - passages_then,
        words_now - words_then,
        passages_now + passages_then,
    )
