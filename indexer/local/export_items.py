"""What a file of many articles gives: the form that all readers of such files share.
Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from indexer.records import Item
from search.errors import BlogsearchError
from search.text.urls import AddressError, canonical


class ArchiveError(BlogsearchError):
    """This file can't be read as what it is."""


@dataclass(frozen=True, slots=True)
class Archive:
    """All articles of a file; ``home`` is the site's address where the file names
    it."""

    title: str
    home: str
    items: tuple[Item, ...]


def listed_item(
    addresses: Iterable[str], own: str, *, published: date | None, **fields: Any
) -> Item:
    """An item under the first of the addresses that is one on the web, else under its
    ``own``."""
    url = next((web for address in addresses if (web := _web(address))), own)
    fields["title"] = " ".join(str(fields.get("title", "")).split())
    return Item(url=url, published=published.isoformat() if published else "", **fields)


def _web(address: str) -> str:
    try:
        return canonical(address)
    except AddressError:
        return ""
