"""Markdown as HTML, and the test for it. The one door to markdown_it."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from indexer.text.front_matter import without_properties
from indexer.text.markup import root_of

_MARKDOWN_NAME = re.compile(
    r"\.(?:md|markdown|mdown|mkd|txt|qmd|rmd)(?:[?#]|$)", re.IGNORECASE
)
_HTML_ROOTS = frozenset({"html", "head", "body"})
_DEEPEST = 100  # blocks within blocks; markdown_it recurses


def is_markdown(text: str, *, content_type: str = "", url: str = "") -> bool:
    """Tell Markdown from HTML: by how the text begins, then by what it is called."""
    root = root_of(text)
    if root in _HTML_ROOTS or "html" in content_type:
        return False
    is_called_so = "markdown" in content_type or _MARKDOWN_NAME.search(url) is not None
    return is_called_so or not root


def render_markdown(markdown: str) -> str:
    """Return the Markdown as HTML; raw HTML is left in."""
    renderer = MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST})
    renderer.enable(["table", "strikethrough"])
    return str(renderer.render(without_properties(markdown)))
