"""One look at a file that holds one article or many under addresses of their own.
Pure."""

from __future__ import annotations

import hashlib

from indexer.local import saved_pages as saved
from indexer.local.export_items import Archive
from indexer.local.ghost import is_ghost, read_ghost
from indexer.local.wordpress import is_wordpress, read_wordpress
from indexer.records import Item
from indexer.text.encoding import decode
from indexer.text.markup import legal
from indexer.text.urls import is_file


def is_export(body: bytes, url: str) -> bool:
    """Whether a file is an export of WordPress or Ghost or, only on disk, a saved
    page."""
    if is_file(url) and (saved.is_mhtml(body) or saved.address_of(body)):
        return True
    text = legal(decode(body))
    return is_wordpress(text) or is_ghost(text)


def read_export(body: bytes, url: str) -> Archive:
    """The articles of such a file. Raises ArchiveError."""
    if is_file(url) and (saved.is_mhtml(body) or saved.address_of(body)):
        digest = hashlib.sha256(body).hexdigest()
        return Archive(
            "", "", (Item(url=saved.address_of(body) or url, file=url, version=digest),)
        )
    is_json = decode(body).lstrip("\ufeff \t\r\n").startswith("{")
    return read_ghost(body, url) if is_json else read_wordpress(body, url)
