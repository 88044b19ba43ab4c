"""The article to be stored, where other addresses and sources lead to it as well.

Does no input or output.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from indexer.crawl.assemble import assemble, refresh
from indexer.crawl.decide import Decision
from indexer.crawl.tasks import Attempt, Items
from indexer.documents.read_page import ExtractedArticle, share_text
from search.types import Article


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The other addresses that lead to the same article.

    ``there`` is the article of the same identity that is stored already, ``items`` what
    the sources say of these addresses. ``is_asked``: the address that was asked is of
    the article's identity. ``has_own_page``: another of its identity gave a page.
    """

    there: Article | None = None
    urls: tuple[str, ...] = ()
    items: Items = ()
    is_asked: bool = True
    has_own_page: bool = False


def compose(decision: Decision, attempt: Attempt, others: Neighbours) -> Article | None:
    """Return the article to be stored, None where there is none."""
    match decision.action:
        case "wait":
            return decision.stored
        case "refresh" | "store":
            article = _made(decision, attempt, others)
            return place(article, attempt, others)
        case "withdraw":
            article = _made(decision, attempt, others)
            if others.urls or article.notes:
                return article
            return None
    return None


def _made(decision: Decision, attempt: Attempt, others: Neighbours) -> Article:
    """Make the article of the stored one, or of what was read."""
    # Where a page is gone, all of it stays if other addresses lead to it, else the
    # notes.
    items = [*attempt.task.items, *others.items]
    extracted, stored = attempt.extracted, decision.stored
    if decision.action == "withdraw":
        # The feed may still have a text, of an article that its author took away.
        extracted = None
        if stored is not None and others.urls:
            return refresh(stored, items)
        # Nor is its title said but by those who link to it.
        items = [(item, source) for item, source in items if item.notes]
    if decision.action == "refresh" and stored is not None:
        article = refresh(stored, items)
    else:
        article = assemble(attempt.address, items, extracted or ExtractedArticle())
        nosnippet = attempt.nosnippet or _wished_before(attempt, decision)
        article = replace(article, nosnippet=nosnippet)
    return _with_death(article, attempt)


def _wished_before(attempt: Attempt, decision: Decision) -> bool:
    """Tell whether a page that did not answer wanted no snippet when it did."""
    if decision.action == "withdraw" or decision.stored is None:
        return False
    if attempt.answer is not None:
        return False
    return decision.stored.nosnippet


def _with_death(article: Article, attempt: Attempt) -> Article:
    """Return the article as that of a dead link, if it is one that somebody noted."""
    if attempt.is_dead and article.notes:
        return replace(
            article,
            dead_since=date.fromisoformat(attempt.before.dead),
            archived=attempt.task.archived_copy,
        )
    if attempt.error is not None and not attempt.says_dead:
        return article  # nothing new is known of the link
    return replace(article, dead_since=None, archived="")


def place(article: Article, attempt: Attempt, others: Neighbours) -> Article:
    """Return the article with the address and the text that others leave to it.

    It is stored under one of its aliases, https before http, with the text of the page
    at its own address; under the address that was asked where its text refutes the
    claim to be the article that is there.
    """
    there = others.there
    if there is None or not others.urls:
        return article
    if there.evidence == "article" != article.evidence:
        return _with_words_of(there, article)
    if not others.is_asked:
        was_there = attempt.before.article == there.url
        if not (was_there or _is_same_text(there, article)):
            return replace(article, url=attempt.task.url)
        if others.has_own_page:
            return _with_words_of(there, article)
    if there.url.startswith("https:"):
        return replace(article, url=there.url)
    if article.url.startswith("https:"):
        return article
    return replace(article, url=there.url)


def _with_words_of(there: Article, article: Article) -> Article:
    """Return an article with what sources say of it beside its text."""
    return replace(
        there,
        notes=article.notes,
        tags=article.tags,
        collections=article.collections,
    )


def _is_same_text(one: Article, other: Article) -> bool:
    """Tell whether two whole articles share their text; a summary proves nothing."""
    if {one.evidence, other.evidence} != {"article"}:
        return True
    return share_text(one.text, other.text, without_words=True)
