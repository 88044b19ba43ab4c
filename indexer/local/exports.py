"""One reader for files of articles with addresses of their own: exports of WordPress
and Ghost, saved pages."""

from __future__ import annotations

import hashlib

from indexer.local import saved_pages
from indexer.local.export_items import Export
from indexer.local.ghost import is_ghost_export, read_ghost
from indexer.local.wordpress import is_wordpress_export, read_wordpress
from indexer.records import Item
from indexer.text.encoding import decode
from indexer.text.markup import legal
from indexer.text.urls import is_file


def is_export(body: bytes, url: str) -> bool:
    """Say if a file is an export of WordPress or Ghost or, only on disk, a saved
    page."""
    if _is_saved_page(body, url):
        return True
    text = legal(decode(body))
    return is_wordpress_export(text) or is_ghost_export(text)


def read_export(body: bytes, url: str) -> Export:
    """Return the articles of such a file. Raises ExportError."""
    if _is_saved_page(body, url):
        version = hashlib.sha256(body).hexdigest()
        address = saved_pages.saved_address(body) or url
        return Export("", "", (Item(url=address, file=url, version=version),))
    # Ghost's is JSON, WordPress's XML.
    if decode(body).lstrip("\ufeff \t\r\n").startswith("{"):
        return read_ghost(body, url)
    return read_wordpress(body, url)


def _is_saved_page(body: bytes, url: str) -> bool:
    if not is_file(url):  # a page that was saved and then published is just a page
        return False
    return saved_pages.is_mhtml(body) or bool(saved_pages.saved_address(body))
