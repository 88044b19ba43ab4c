"""The kinds of local files that are one article each, by the endings of their names.

It opens none: an ending alone lets nobody read a file.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote

from search.text.urls import is_mail, is_within_file

PDF = "application/pdf"
TEXT = "text/plain; charset=utf-8"
PAGE = "text/html"
# Exports, feeds and data have other endings. Only what a person would call one post may
# ever be handed over: a saved page as the text that it is.
_CONTENT_TYPES = (
    dict.fromkeys((".html", ".htm", ".xhtml"), PAGE)
    | dict.fromkeys((".md", ".markdown", ".mkd", ".mkdn", ".mdown", ".mdwn"), TEXT)
    | dict.fromkeys((".mdx", ".qmd", ".rmd", ".txt", ".text", ".rst"), TEXT)
    | dict.fromkeys((".org", ".adoc", ".asciidoc", ".mhtml", ".mht"), TEXT)
    | {".ipynb": TEXT, ".pdf": PDF}
)


def is_local(url: str) -> bool:
    """Tell if an address is that of a local file, of a post within one, or of a mail."""
    return url.startswith("file:") or is_mail(url)


def content_type(url: str) -> str:
    """Return the content type of a local file that may be one article, "" for others.

    Of a post within a file it is "".
    """
    is_file = url.startswith("file:///") and not is_within_file(url)
    if not is_file or "#" in url:
        return ""
    ending = PurePosixPath(unquote(url)).suffix.lower()
    return _CONTENT_TYPES.get(ending, "")
