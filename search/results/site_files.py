"""Records for the generators of static sites: related posts, and a list to search in.

It writes no file: indexer/cli does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from search.port_values import Scope
from search.results.article_text import ArticleText
from search.results.related import nearest_to
from search.snapshot_port import Snapshot
from search.text.sentences import sentence_spans
from search.text.urls import host, without_www
from search.types import Article, Filters

LONGEST_SUMMARY = 300  # characters; two or three sentences under a title
READ_AT_ONCE = 100  # articles; of a large index the texts must not all be held
DIGITS = 3  # of a score: what other machines compute may differ behind them
# The kinds of blocks that a summary is made of; code and tables say little without theirs.
_TOLD = ("paragraph", "quote", "item")


class Post(NamedTuple):
    """An article with an address on the web: the site it is of, its path there, and its
    id. Posts are ordered by these."""

    site: str
    path: str
    number: int


def posts(index: Snapshot, filters: Filters) -> list[Post]:
    """Return what passes the filters and can be read on the web, by site and path.

    Bare links, and pages that are gone, are none of a site's posts; of a path under
    http and https, or with www. and without, there is one.
    """
    numbers = index.newest(index.manifest.articles, filters)
    found: dict[tuple[str, str], int] = {}
    for some in _batches(sorted(numbers)):
        articles = index.articles(some)
        for number in some:
            article = articles[number]
            if _is_post(article):
                found[site_of(article), path_of(article)] = number
    return [Post(*place, number) for place, number in sorted(found.items())]


def related_posts(
    index: Snapshot, post: Post, most: int, among: Filters | None = None
) -> list[dict[str, object]]:
    """Return the posts most related to one, best first: those that pass the filters, or
    without any those of its own site.

    None is farther than two articles usually are.
    """
    # The index filters by a host's name alone, and passes those below it too.
    filters = among or Filters(site=urlsplit(f"//{post.site}").hostname or "")
    # Of a blog of a dozen posts none is nearer than any two by more than that.
    ranked = nearest_to(index, post.number, Scope(filters), far=0)
    articles = index.articles([number for number, _, _ in ranked])
    found: list[dict[str, object]] = []
    for number, score, _ in ranked:
        article = articles[number]
        is_meant = among is not None or site_of(article) == post.site
        if is_meant and _is_post(article):
            found.append(_named(article) | {"score": round(score, DIGITS)})
    return found[:most]


def search_records(
    index: Snapshot, listed: Sequence[Post]
) -> Iterator[dict[str, object]]:
    """Yield of each post what a search in the browser needs, in their order.

    A page that asks for no snippet gives none of its text: it has neither headings nor
    a summary.
    """
    for some in _batches([post.number for post in listed]):
        articles, _ = index.read(some, [])
        for number in some:
            yield _search_record(articles[number])


def site_of(article: Article) -> str:
    """Return the host of an article's address, with its port unless that is the usual
    one, without www."""
    return without_www(host(article.url))


def path_of(article: Article) -> str:
    """Return what follows the host in an article's address, as it is encoded there."""
    parts = urlsplit(article.url)
    query = parts.query and f"?{parts.query}"
    return f"{parts.path}{query}"


def _is_post(article: Article) -> bool:
    is_there = article.evidence != "link" and article.dead_since is None
    return is_there and site_of(article) != ""


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), READ_AT_ONCE):
        yield numbers[start : start + READ_AT_ONCE]


def _named(article: Article) -> dict[str, object]:
    return {
        "url": article.url,
        "path": path_of(article),
        "title": _one_line(article.title) or article.url,
        "published": article.published and article.published.isoformat(),
    }


def _search_record(article: Article) -> dict[str, object]:
    headings: list[str] = []
    told = ""
    if not article.nosnippet:
        headings, told = _headings(article), summary(article)
    return _named(article) | {
        "author": article.author,
        "tags": list(article.tags),
        "headings": headings,
        "summary": told,
    }


def _headings(article: Article) -> list[str]:
    texts = [
        _one_line(block.text) for block in article.blocks if block.kind == "heading"
    ]
    return [text for text in dict.fromkeys(texts) if text != _one_line(article.title)]


def summary(article: Article) -> str:
    """Return the first sentences of an article, at most LONGEST_SUMMARY characters; a
    longer first sentence ends in "…"."""
    text = ArticleText(article)
    told = ""
    for block, start in zip(article.blocks, article.block_starts, strict=True):
        if block.kind not in _TOLD or text.is_apparatus(start):
            continue
        for first, last in sentence_spans(block.text):
            longer = f"{told} {_one_line(block.text[first:last])}".strip()
            if len(longer) > LONGEST_SUMMARY:
                return told or _cut(longer)
            told = longer
    return told


def _cut(sentence: str) -> str:
    """Cut a sentence behind a word, where it has spaces."""
    head = sentence[: LONGEST_SUMMARY - 1]
    if sentence[len(head)] != " " and " " in head:
        head = head.rpartition(" ")[0]
    return f"{head.rstrip()}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
