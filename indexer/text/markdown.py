"""Markdown: how it is recognised, and its HTML; the one door of markdown_it."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from indexer.text.markup import root_of

_MARKDOWN_NAME = re.compile(
    r"\.(?:md|markdown|mdown|mkd|txt|qmd|rmd)(?:[?#]|$)", re.IGNORECASE
)


def is_markdown(text: str, *, content_type: str = "", url: str = "") -> bool:
    """Whether a text is Markdown rather than HTML: by how it begins, then by what it is
    called."""
    root = root_of(text)
    if root in ("html", "head", "body") or "html" in content_type:
        return False
    return "markdown" in content_type or bool(_MARKDOWN_NAME.search(url)) or not root


def render_markdown(markdown: str) -> str:
    """The Markdown as HTML, raw HTML left in."""
    renderer = MarkdownIt("commonmark", {"html": True, "maxNesting": 100})
    return str(renderer.enable(["table", "strikethrough"]).render(markdown))
