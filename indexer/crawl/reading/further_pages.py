"""The further pages of an article that its site shows on several: fetched one after the
other and joined to the first.

Each is fetched as any page is, with its host's manners; the first that can't be had ends
it, and the article then counts as a part.
"""

from __future__ import annotations

from collections.abc import Callable

from indexer.documents.read_page import (
    ExtractedArticle,
    joined,
    read_further_page,
)
from indexer.extract.article import Extraction
from indexer.records import NotModified, Page
from indexer.runtime.parser_pool import Workers
from search.errors import BlogsearchError

# Pages of one article, the first among them: a bound, so that a site whose pages lead on
# for ever costs a run some requests and no more.
MOST_PAGES = 30


def with_further_pages(
    article: ExtractedArticle,
    url: str,
    fetch: Callable[[str], Page | NotModified],
    workers: Workers,
) -> ExtractedArticle:
    """Return an article with the text of the pages that go on with it.

    ``url`` is the address of its first page, ``fetch`` may raise BlogsearchError.
    """
    if article.page is None or article.blocks != article.page.blocks:
        return article  # the feed had more than the page
    further: list[Extraction] = []
    following, seen = article.page.next_page, {url}
    while following and following not in seen and len(further) + 1 < MOST_PAGES:
        seen.add(following)
        try:
            page = fetch(following)
            if isinstance(page, NotModified):
                break
            part = workers.run(
                read_further_page,
                page.body,
                page.final_url,
                first=url,
                number=len(further) + 2,
                charset=page.charset,
            )
        except BlogsearchError:
            break
        further.append(part)
        following = part.next_page
    return joined(article, further)
