"""The articles in PDF files; the only door to pypdf, whose exceptions end here.

Stops at a time limit; does no other input or output.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from operator import attrgetter
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError

from indexer.documents.pdf_layout import blocks_of_pages
from indexer.documents.pdf_lines import PdfLine
from indexer.documents.plain_text import file_title
from indexer.extract.article import Extraction
from indexer.extract.page import ExtractError
from indexer.text.markup import legal
from search.text.urls import PAGE_ANCHOR
from search.types import Block

# What is read of a longer file; books have more pages, articles don't.
PAGES = 300
# Seconds of processor time after which no further page is begun: a worker has 5, and
# half a file is better than none.
SECONDS = 3.5

# What programs write for a title where the author gave none.
_NO_TITLE = re.compile(
    r"^(?:untitled|microsoft word\b.*|powerpoint.*|title|document\d*|slide \d+"
    r"|.*\.(?:docx?|dvi|tex|pdf|indd|pptx?|odt)|\W*|\d+)$",
    re.IGNORECASE,
)
_LONGEST_NAME = 200  # characters in a title or in the names of authors
# Letters a page, on average, below which the pages are pictures with a stamp on them.
_LETTERS = 10
# In the names of bold fonts; "cmbx" is that of TeX's, "-medi" of Nimbus.
_BOLD = re.compile(r"bold|black|heavy|cmbx|-medi", re.IGNORECASE)


def read_pdf(body: bytes, url: str) -> Extraction:
    """Return the article in a PDF file.

    Each block's anchor opens its page (RFC 8118: ``#page=3``). Raises ExtractError for
    a file that is encrypted, broken or without text.
    """
    # it tells of each oddity that it puts right
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ExtractError(f"{url} is an encrypted PDF that asks for a password.")
        count = len(reader.pages)
        read = list(_pages(reader, min(count, PAGES)))
        info = {key: str(value) for key, value in (reader.metadata or {}).items()}
    except ExtractError:
        raise
    except DependencyError as error:
        raise ExtractError(f"{url} is an encrypted PDF, which is not read.") from error
    except Exception as error:  # whatever pypdf throws at a hostile file
        raise ExtractError(
            f"{url} is a broken PDF ({type(error).__name__})."
        ) from error
    pages = _readable_pages(read, url, count=count)
    blocks = blocks_of_pages(pages)
    title = _title(info, blocks, url)
    # a title on the page is not also the article's first heading
    for first in blocks[:1]:
        if first.kind == "heading" and first.text.casefold() == title.casefold():
            blocks = blocks[1:]
    blocks += _cut_note(len(pages), count)
    return Extraction(url, title, author=_info(info, "/Author"), blocks=blocks)


def _readable_pages(
    read: list[list[PdfLine] | None], url: str, *, count: int
) -> list[list[PdfLine]]:
    """Return the lines of each page, none for one that can't be read."""
    if count and not read:
        raise ExtractError(f"{url} is a PDF that takes too long to read.")
    pages = [lines or [] for lines in read]
    if read and read.count(None) == len(read):
        raise ExtractError(f"{url} is a broken PDF: none of its pages can be read.")
    text = "".join(line.text for line in chain.from_iterable(pages))
    if sum(map(str.isalpha, text)) < _LETTERS * max(1, len(pages)):
        raise ExtractError(
            f"{url} is a PDF without text: its pages are pictures, as of a scan."
        )
    return pages


def _pages(reader: PdfReader, count: int) -> Iterator[list[PdfLine] | None]:
    """Yield the lines of each page in the order of the file, which is as good as always
    that of reading."""
    # None for a page that can't be read: it does not spoil the others.
    began = time.process_time()
    for number in range(count):
        if time.process_time() - began > SECONDS:
            return
        lines = _Lines(number + 1)
        try:
            reader.pages[number].extract_text(visitor_text=lines.add)
        except Exception:  # whatever pypdf throws at a hostile page
            logging.getLogger(__name__).debug(
                "page %d can't be read", number + 1, exc_info=True
            )
            yield None
        else:
            yield lines.ended()


class _Lines:
    """The lines of a page, gathered from the fragments that pypdf gives of it."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._lines: list[PdfLine] = []
        self._text = ""
        self._place: tuple[float, float, float, bool] | None = None

    # its parameters are pypdf's
    def add(
        self, text: str, cm: list[float], tm: list[float], font: Any, size: float
    ) -> None:
        """Add a fragment with the matrices that place it on the page (PDF 32000-1,
        9.4.4)."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self._end()
            if self._place is None and line.strip():
                self._place = *_position(cm, tm, size), _is_bold(font)
            self._text += line

    def ended(self) -> list[PdfLine]:
        """End the last line and return all."""
        self._end()
        return self._lines

    def _end(self) -> None:
        text = " ".join(legal(self._text).split())
        if text and self._place is not None:
            self._lines.append(PdfLine(text, self._page, *self._place))
        self._text, self._place = "", None


def _position(
    cm: list[float], tm: list[float], size: float
) -> tuple[float, float, float]:
    """Return where a fragment begins and the height of its letters, in points."""
    x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
    y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
    height = abs(size) * math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
    return _finite(x), _finite(y), _finite(height)


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    return 0.0


def _is_bold(font: Any) -> bool:
    name = ""
    if isinstance(font, dict):
        name = str(font.get("/BaseFont", ""))
    return _BOLD.search(name) is not None


def _title(info: dict[str, str], blocks: tuple[Block, ...], url: str) -> str:
    """Return the title in the file's information, the largest heading on its first page
    or its name."""
    title = _info(info, "/Title")
    if title and not _NO_TITLE.match(title):
        return title
    headings = filter(_is_first_heading, blocks)
    largest = min(headings, key=attrgetter("level"), default=None)
    if largest:
        return largest.text[:_LONGEST_NAME]
    return file_title(url)


def _is_first_heading(block: Block) -> bool:
    return block.kind == "heading" and block.anchor == f"{PAGE_ANCHOR}1"


def _info(info: dict[str, str], key: str) -> str:
    text = " ".join(legal(info.get(key, "")).split())
    if len(text) <= _LONGEST_NAME:
        return text
    return ""


def _cut_note(read: int, count: int) -> tuple[Block, ...]:
    """Return a block that says so where a file is not read to its end."""
    if read == count:
        return ()
    text = f"[Blogsearch has read the first {read:,} of {count:,} pages.]"
    return (Block("paragraph", text, anchor=f"{PAGE_ANCHOR}{read}"),)
