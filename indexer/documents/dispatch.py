"""What kind of document these bytes are, and the article in it: the one entry to this
package. Pure.

The bytes count first, then what the server says, then the name: GitHub serves
everything as text/plain, others serve notebooks as JSON, and a login page may stand
where a PDF is named.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from indexer.documents.arxiv import is_paper, read_paper
from indexer.documents.media import read_with_recording
from indexer.documents.notebook import read_notebook
from indexer.documents.pdf import read_pdf
from indexer.documents.plain_text import read_markdown, read_text
from indexer.extract.article import Extraction
from indexer.extract.page import ParsedPage
from indexer.text.markup import root_of

Kind = Literal["markdown", "text", "notebook", "pdf"]

_LOOKED_AT = 4096  # bytes that tell HTML from other text
_HTML = ("html", "head", "body", "title", "meta")
_MARKDOWN_NAME = re.compile(r"\.(?:md|markdown|mdown|mkd|qmd|rmd)$", re.IGNORECASE)
_TEXT_NAME = re.compile(r"\.(?:txt|text|rst|org|adoc|asciidoc)$", re.IGNORECASE)
_UNSAID = (
    "",
    "text/plain",
    "application/octet-stream",
    "binary/octet-stream",
)  # types that say nothing
_WEB_PAGES = ("", "application/xhtml+xml", "application/xml")


def read_document(
    body: bytes, url: str, *, content_type: str = "", charset: str = ""
) -> Extraction | None:
    """The article in a document that is no HTML page; None for all else.

    ``url`` is the address that answered, ``content_type`` and ``charset`` are its
    header's. Raises ExtractError with a sentence where it is such a document but can't
    be read.
    """
    kind = kind_of(body, url, content_type=content_type)
    if kind == "pdf":
        return read_pdf(body, url)
    if kind == "notebook":
        return read_notebook(body, url)
    if kind == "markdown":
        return read_markdown(body, url, charset=charset)
    return read_text(body, url, charset=charset) if kind == "text" else None


def read_html(page: ParsedPage, hint: str = "") -> Extraction:
    """Return the article, paper or recording in a web page, whose tree is spent then.

    ``hint`` is the feed's HTML of the same item. Raises ExtractError.
    """
    if is_paper(page):
        return read_paper(page)
    return read_with_recording(page, hint)


def is_readable(body: bytes, url: str, *, content_type: str) -> bool:
    """Whether it is a web page or a document of a kind that can be read."""
    if content_type in _WEB_PAGES or content_type.startswith("text/"):
        return True
    return kind_of(body, url, content_type=content_type) is not None


def kind_of(body: bytes, url: str, *, content_type: str = "") -> Kind | None:
    """The kind of a document; None for HTML and for what is not read."""
    name = urlsplit(url).path
    if _is_pdf(body, name, content_type):
        return "pdf"
    root = root_of(body[:_LOOKED_AT].decode("latin-1").removeprefix("\xef\xbb\xbf"))
    if root in _HTML or "html" in content_type:
        return None
    if _is_notebook(body, name, content_type):
        return "notebook"
    if "markdown" in content_type or (
        content_type in _UNSAID and _MARKDOWN_NAME.search(name)
    ):
        return "markdown"
    if root or b"\x00" in body[:_LOOKED_AT]:
        return None
    is_text = content_type == "text/plain" or content_type.startswith("text/x-")
    return (
        "text"
        if is_text or (content_type in _UNSAID and _TEXT_NAME.search(name))
        else None
    )


def _is_pdf(body: bytes, name: str, content_type: str) -> bool:
    """By its mark, which may stand behind a few bytes of rubbish, or by a type that
    holds no HTML."""
    if body.startswith(b"%PDF-"):
        return True
    if "html" in content_type or not (
        "pdf" in content_type or name.lower().endswith(".pdf")
    ):
        return False
    return b"%PDF-" in body[:1024] or not root_of(body[:_LOOKED_AT].decode("latin-1"))


def _is_notebook(body: bytes, name: str, content_type: str) -> bool:
    if "ipynb" in content_type:
        return True
    if "json" not in content_type and content_type not in _UNSAID:
        return False
    if name.lower().endswith(".ipynb"):
        return True
    begins = body[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    return (
        begins
        and b'"nbformat"' in body
        and (b'"cells"' in body or b'"worksheets"' in body)
    )
