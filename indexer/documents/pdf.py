"""PDF files → articles. The only door to pypdf, whose exceptions end here. Pure but for
a time limit."""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError

from indexer.documents.pdf_layout import Line, blocks_of_pages
from indexer.documents.plain_text import file_title
from indexer.extract.article import Extraction
from indexer.extract.page import ExtractError
from indexer.split.text_fragments import PAGE_ANCHOR
from indexer.text.markup import legal
from search.types import Block

PAGES = 300  # what is read of a longer file; books have more, articles don't
# Seconds of processor time after which no further page is begun: a worker has 5, and
# half a file is better than none.
SECONDS = 3.5

_NO_TITLE = re.compile(
    r"^(?:untitled|microsoft word\b.*|powerpoint.*|title|document\d*|slide \d+"
    r"|.*\.(?:docx?|dvi|tex|pdf|indd|pptx?|odt)|\W*|\d+)$",
    re.IGNORECASE,
)
_LONGEST_NAME = 200  # characters in a title or in the names of authors
# a page, on average; with less the pages are pictures with a stamp on them
_LETTERS = 10
_BOLD = re.compile(r"bold|black|heavy|cmbx|-medi", re.IGNORECASE)

logging.getLogger("pypdf").setLevel(
    logging.CRITICAL
)  # it tells of each oddity that it puts right


def read_pdf(body: bytes, url: str) -> Extraction:
    """The article in a PDF file; each block's anchor opens its page (RFC 8118:
    ``#page=3``).

    Raises ExtractError for a file that is encrypted, broken or without text.
    """
    try:
        reader = PdfReader(BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ExtractError(f"{url} is an encrypted PDF that asks for a password.")
        count = len(reader.pages)
        read = list(_pages(reader, min(count, PAGES)))
        said = {key: str(value) for key, value in (reader.metadata or {}).items()}
    except ExtractError:
        raise
    except DependencyError as error:
        raise ExtractError(f"{url} is an encrypted PDF, which is not read.") from error
    except Exception as error:  # whatever pypdf throws at a hostile file
        raise ExtractError(
            f"{url} is a broken PDF ({type(error).__name__})."
        ) from error
    if count and not read:
        raise ExtractError(f"{url} is a PDF that takes too long to read.")
    if read and all(lines is None for lines in read):
        raise ExtractError(f"{url} is a broken PDF: none of its pages can be read.")
    pages = [lines or [] for lines in read]
    letters = sum(c.isalpha() for lines in pages for line in lines for c in line.text)
    if letters < _LETTERS * max(1, len(pages)):
        raise ExtractError(
            f"{url} is a PDF without text: its pages are pictures, as of a scan."
        )
    return _extraction(
        blocks_of_pages(pages), _cut_note(len(pages), count), url=url, said=said
    )


def _extraction(
    blocks: tuple[Block, ...],
    note: tuple[Block, ...],
    *,
    url: str,
    said: dict[str, str],
) -> Extraction:
    heading = _first_heading(blocks)
    told = _told(said, "/Title")
    title = (told if not _NO_TITLE.match(told) else "") or heading or file_title(url)
    if (
        blocks
        and blocks[0].kind == "heading"
        and blocks[0].text.casefold() == title.casefold()
    ):
        blocks = blocks[1:]
    author = _told(said, "/Author")
    return Extraction(url, title, author=author, blocks=blocks + note)


def _pages(reader: PdfReader, count: int) -> Iterator[list[Line] | None]:
    """The lines of each page in the order of the file, which is as good as always that
    of reading.

    None for a page that can't be read: it does not spoil the others.
    """
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
    """Gathers what pypdf tells of a page, fragment by fragment, into lines."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._lines: list[Line] = []
        self._text = ""
        self._place: tuple[float, float, float, bool] | None = None

    def add(
        self, text: str, cm: list[float], tm: list[float], font: Any, size: float
    ) -> None:
        """A fragment with the matrices that place it on the page (PDF 32000-1,
        9.4.4)."""
        first, *others = text.split("\n")
        self._say(first, cm, tm, font, size)
        for other in others:
            self._end()
            self._say(other, cm, tm, font, size)

    def ended(self) -> list[Line]:
        self._end()
        return self._lines

    def _say(
        self, text: str, cm: list[float], tm: list[float], font: Any, size: float
    ) -> None:
        if self._place is None and text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            height = abs(size) * math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
            name = str(font.get("/BaseFont", "")) if isinstance(font, dict) else ""
            x, y, height = (
                value if math.isfinite(value) else 0.0 for value in (x, y, height)
            )
            self._place = x, y, height, bool(_BOLD.search(name))
        self._text += text

    def _end(self) -> None:
        text = " ".join(legal(self._text).split())
        if text and self._place is not None:
            self._lines.append(Line(text, self._page, *self._place))
        self._text, self._place = "", None


def _first_heading(blocks: tuple[Block, ...]) -> str:
    """The largest heading on the first page."""
    first = [b for b in blocks if b.kind == "heading" and b.anchor == f"{PAGE_ANCHOR}1"]
    return (
        min(first, key=lambda block: block.level).text[:_LONGEST_NAME] if first else ""
    )


def _told(said: dict[str, str], key: str) -> str:
    text = " ".join(legal(said.get(key, "")).split())
    return text if len(text) <= _LONGEST_NAME else ""


def _cut_note(read: int, count: int) -> tuple[Block, ...]:
    """What says so where a file is not read to its end."""
    if read == count:
        return ()
    text = f"[Blogsearch has read the first {read:,} of {count:,} pages.]"
    return (Block("paragraph", text, anchor=f"{PAGE_ANCHOR}{read}"),)
