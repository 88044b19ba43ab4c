"""The result that all readers of a file of many articles share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from indexer.records import Item
from search.errors import BlogsearchError
from search.text.urls import AddressError, canonical


class ExportError(BlogsearchError):
    """A file that can't be read as the export that it seems to be."""


@dataclass(frozen=True, slots=True)
class Export:
    """All articles of a file; ``home`` is the site's address where the file names
    it."""

    title: str
    home: str
    items: tuple[Item, ...]


def export_item(
    addresses: Iterable[str], own: str, *, published: date | None, **fields: Any
) -> Item:
    """Return an item under the first of the addresses that is one on the web, else
    under its ``own``."""
    on_web = filter(None, map(web_address, addresses))
    title = " ".join(str(fields.pop("title", "")).split())
    day = published.isoformat() if published else ""
    return Item(url=next(on_web, own), title=title, published=day, **fields)


def web_address(text: str) -> str:
    """Return the canonical form of an address on the web, "" for anything else."""
    try:
        return canonical(text)
    except AddressError:
        return ""
