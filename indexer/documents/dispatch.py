"""The kind of a document, and the article in it: the one entry to this package.

The bytes count first, then what the server says, then the name: GitHub serves
everything as text/plain, others serve notebooks as JSON, and a login page may stand
where a PDF is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from indexer.documents.media import read_with_recording
from indexer.documents.notebook import read_notebook
from indexer.documents.paper import is_paper, read_paper
from indexer.documents.pdf import read_pdf
from indexer.documents.plain_text import read_markdown, read_text
from indexer.extract.article import Extraction
from indexer.extract.page import ParsedPage
from indexer.text.markup import root_of

DocumentKind = Literal["markdown", "text", "notebook", "pdf"]

_LOOKED_AT = 4096  # bytes that tell HTML from other text
_PDF_MARK = b"%PDF-"
_PDF_LOOKED_AT = 1024  # bytes in which the mark may stand behind rubbish
_UTF_8_MARK = b"\xef\xbb\xbf"
# Elements that a page may begin with.
_HTML = ("html", "head", "body", "title", "meta")
_CELLS = (b'"cells"', b'"worksheets"')  # of a notebook
# Types of web pages beside those that begin with "text/".
_WEB_PAGES = ("", "application/xhtml+xml", "application/xml")
# Types of servers that do not know better.
_UNSAID = ("", "text/plain", "application/octet-stream", "binary/octet-stream")

_PDF_NAME = re.compile(r"\.pdf$", re.IGNORECASE)
_NOTEBOOK_NAME = re.compile(r"\.ipynb$", re.IGNORECASE)
_MARKDOWN_NAME = re.compile(r"\.(?:md|markdown|mdown|mkd|qmd|rmd)$", re.IGNORECASE)
_TEXT_NAME = re.compile(r"\.(?:txt|text|rst|org|adoc|asciidoc)$", re.IGNORECASE)
_TEXT_TYPE = re.compile(r"text/plain$|text/x-")


_BINARY_READERS = {"pdf": read_pdf, "notebook": read_notebook}
_TEXT_READERS = {"markdown": read_markdown, "text": read_text}


def read_document(
    body: bytes, url: str, *, content_type: str = "", charset: str = ""
) -> Extraction | None:
    """Return the article in a document that is no web page; None for web pages.

    ``url`` is the address that answered, ``content_type`` and ``charset`` are its
    header's. Raises ExtractError with a sentence where the document can't be read.
    """
    kind = kind_of(body, url, content_type=content_type)
    if kind in _BINARY_READERS:
        return _BINARY_READERS[kind](body, url)
    if kind in _TEXT_READERS:
        return _TEXT_READERS[kind](body, url, charset=charset)
    return None


def read_html(page: ParsedPage, hint: str = "") -> Extraction:
    """Return the article, paper or recording in a web page, whose tree is spent then.

    ``hint`` is the feed's HTML of the same item. Raises ExtractError.
    """
    if is_paper(page):
        return read_paper(page)
    return read_with_recording(page, hint)


def is_readable_document(body: bytes, url: str, *, content_type: str) -> bool:
    """Tell whether it is a web page or a document of a kind that can be read."""
    if content_type in _WEB_PAGES or content_type.startswith("text/"):
        return True
    return kind_of(body, url, content_type=content_type) is not None


def kind_of(body: bytes, url: str, *, content_type: str = "") -> DocumentKind | None:
    """Return the kind of a document; None for HTML and for what is not read."""
    start = body[:_LOOKED_AT].removeprefix(_UTF_8_MARK)
    root = root_of(start.decode("latin-1"))
    facts = _Facts(body, start, urlsplit(url).path, content_type, root)
    return next((kind for test, kind in _KINDS if test(facts)), None)


@dataclass(frozen=True, slots=True)
class _Facts:
    """The bytes of a document, its first ones, its name, the type that the server gives
    it and the markup element that it begins with."""

    body: bytes
    start: bytes
    name: str
    content_type: str
    root: str

    def is_called(self, name: re.Pattern[str]) -> bool:
        """Tell whether the name decides and is of this form."""
        return self.content_type in _UNSAID and name.search(self.name) is not None


def _is_pdf(facts: _Facts) -> bool:
    """Tell a PDF by its mark, or by its type or name if it is no markup."""
    is_named = any(("pdf" in facts.content_type, _PDF_NAME.search(facts.name)))
    has_mark = _PDF_MARK in facts.body[:_PDF_LOOKED_AT]
    conditions = (
        is_named,
        "html" not in facts.content_type,
        any((has_mark, not facts.root)),
    )
    return facts.body.startswith(_PDF_MARK) or all(conditions)


def _is_html(facts: _Facts) -> bool:
    return facts.root in _HTML or "html" in facts.content_type


def _is_notebook(facts: _Facts) -> bool:
    is_json = "json" in facts.content_type
    is_possible = is_json or facts.content_type in _UNSAID
    is_called = _NOTEBOOK_NAME.search(facts.name) is not None
    is_object = facts.start.lstrip().startswith(b"{")
    has_cells = any(map(facts.body.__contains__, _CELLS))
    is_one = all((is_object, has_cells, b'"nbformat"' in facts.body))
    by_bytes_or_name = is_possible and any((is_called, is_one))
    return by_bytes_or_name or "ipynb" in facts.content_type


def _is_markdown(facts: _Facts) -> bool:
    return "markdown" in facts.content_type or facts.is_called(_MARKDOWN_NAME)


def _is_unreadable(facts: _Facts) -> bool:
    return facts.root != "" or b"\x00" in facts.start


def _is_text(facts: _Facts) -> bool:
    is_typed = _TEXT_TYPE.match(facts.content_type) is not None
    return is_typed or facts.is_called(_TEXT_NAME)


# The first that holds decides.
_KINDS: tuple[tuple[Callable[[_Facts], bool], DocumentKind | None], ...] = (
    (_is_pdf, "pdf"),
    (_is_html, None),
    (_is_notebook, "notebook"),
    (_is_markdown, "markdown"),
    (_is_unreadable, None),
    (_is_text, "text"),
)
