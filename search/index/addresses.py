"""Addresses as a home looks them up: the parts by which it finds aliases.

It knows no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from search.text.urls import AddressError, identity


def page_of(url: str) -> str:
    """Return the page of an address, "" where it is none."""
    return _identity(url, section=False)


def section_of(url: str) -> str:
    """Return the post that an address names within its page, "" where it is none."""
    return _identity(url, section=True)


def longest_letters(page: str) -> str:
    """Return the longest run of letters of a page, which any alias of it has."""
    # Aliases differ in signs, cases and parameters, not in their words.
    return max(re.findall("[a-z]+", page.lower()), key=len, default="")


def alias_among(url: str, stored: Iterable[tuple[int, str]]) -> int | None:
    """Return the number of the first stored address that is an alias of this one: of
    its post, else of its page."""
    # First all of them as posts: a page may hold several.
    rows = list(stored)
    for key in (section_of, page_of):
        wanted = key(url)
        for number, other in rows:
            if wanted and key(other) == wanted:
                return number
    return None


def _identity(url: str, *, section: bool) -> str:
    try:
        return identity(url, section=section)
    except AddressError:
        return ""
