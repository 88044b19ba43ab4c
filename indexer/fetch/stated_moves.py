"""The page to which a page's own words lead on, as a redirect would.

Sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from indexer.records import FetchError, NotModified, Page
from indexer.text.stated_moves import stated_move

MOST_MOVES = 5  # as many as redirects
# Bytes of the largest page that is only a move: a larger one is read where the other
# can't be had. What was read of a small one before moves were followed says nothing.
LARGEST_MOVE = 4_096
_MARKUP = ("", "text/html", "application/xhtml+xml")


def follow_stated_moves(page: Page, fetch: Callable[[str], Page | NotModified]) -> Page:
    """Return the page that this one leads on to in its HTML, or itself.

    ``fetch`` asks for an address that was never asked for. Raises FetchError.
    """
    first, seen = page, {page.final_url}
    # Some say only for now where they lead: what such a redirect adds is no move.
    is_for_good = page.final_url in (page.url, page.moved_to)
    for _ in range(MOST_MOVES):
        target = _move_of(page)
        if not target:
            break
        if target in seen:
            raise _loop(first)
        seen.add(target)
        found = fetch(target)
        if not isinstance(found, Page):
            raise _loop(first)
        is_for_good = is_for_good and found.final_url in (target, found.moved_to)
        page = found
    if page is first:
        return page
    moved = page.final_url if is_for_good else ""
    return replace(page, url=first.url, moved_to=moved)


def _move_of(page: Page) -> str:
    if page.content_type not in _MARKUP:
        return ""
    return stated_move(page.body, page.final_url, charset=page.charset)


def _loop(page: Page) -> FetchError:
    message = "The page leads on to another, and from there nowhere."
    return FetchError(page.url, "redirect-loop", message)
