"""The hashes of the style sheets that are written in an HTML page, for its policy.

The page is read piece by piece and never held as a whole.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

MOST_SHEETS = 40  # of one page; the header has to stay short
PIECE = 1 << 16  # bytes that are read at once
LONGEST_TAG = 4096  # bytes; a longer one begins no style sheet
# Not beyond the next tag, or a page of nothing but "<style" would take for ever.
_OPENING = re.compile(rb"<style\b[^<>]*>", re.IGNORECASE)
_CLOSING = re.compile(rb"</style", re.IGNORECASE)


def sheet_hashes(page: BinaryIO) -> list[str]:
    """Return the sources that a policy names for the style sheets of a page."""
    hashes: dict[str, None] = {}
    for digest in _sheets(page):
        hashes[f"'sha256-{b64encode(digest).decode()}'"] = None
        if len(hashes) == MOST_SHEETS:
            break
    return list(hashes)


def _sheets(page: BinaryIO) -> Iterator[bytes]:
    """Yield the sha256 of each style sheet, its line ends as a browser counts them."""
    sheet = None
    rest = b""
    while piece := page.read(PIECE):
        rest += piece
        while True:
            if sheet is None:
                found = _OPENING.search(rest)
                if found is None:
                    rest = _unfinished(rest)
                    break
                sheet = sha256()
            else:
                found = _CLOSING.search(rest)
                if found is None:
                    end = _safe_end(rest)
                    sheet.update(_with_plain_ends(rest[:end]))
                    rest = rest[end:]
                    break
                sheet.update(_with_plain_ends(rest[: found.start()]))
                yield sheet.digest()
                sheet = None
            rest = rest[found.end() :]


def _unfinished(rest: bytes) -> bytes:
    """Return the end of a piece where a tag may have begun."""
    begun = rest.rfind(b"<", max(0, len(rest) - LONGEST_TAG))
    if begun < 0:
        return b""
    return rest[begun:]


def _safe_end(rest: bytes) -> int:
    """Return where a piece of a sheet may be cut: in no closing tag and no line end."""
    end = max(0, len(rest) - len(b"</style"))
    if end and rest[end - 1 : end] == b"\r":
        end -= 1
    return end


def _with_plain_ends(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n")
