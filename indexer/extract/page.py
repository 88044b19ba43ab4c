"""A web page decoded and parsed once, for all that is read from it.

Reads nothing itself. Articles are cut out of the tree, so links and metadata must be
read before them.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.extract.body.unseen import reveal, with_shadow_roots
from indexer.extract.dom import Element, parse_html
from indexer.text.encoding import decode
from search.errors import BlogsearchError

# The first bytes of files that servers send as web pages by mistake.
_BINARY = (
    b"\x1f\x8b",  # gzip
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"PK\x03\x04",  # zip
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",  # Zstandard
)


class ExtractError(BlogsearchError):
    """A file that holds no text that can be read."""


@dataclass(slots=True)
class ParsedPage:
    """A page: the address that answered, its decoded text and its tree."""

    url: str
    source: str
    root: Element


def parse_page(body: bytes, url: str, *, charset: str = "") -> ParsedPage:
    """Decode and parse a page as received, its content encoding undone.

    ``charset`` is the one that HTTP names. Raises ExtractError for a binary file.
    """
    if body.startswith(_BINARY):
        raise ExtractError(
            f"{url} is not a web page but a binary file; only pages of text can be read."
        )
    return page_of_text(decode(body, charset), url)


def page_of_text(source: str, url: str) -> ParsedPage:
    """Parse a page that is decoded already, bring what it hides from browsers with
    scripts into sight, and measure its elements."""
    root = parse_html(with_shadow_roots(source))
    reveal(root)
    root.measure()
    return ParsedPage(url, source, root)
