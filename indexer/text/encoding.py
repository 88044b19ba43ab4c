"""Bytes of any page, feed, document or file as text, in the encoding a browser would
choose.

Nothing else decodes what was fetched or read; what comes out goes to the parsers as str.
"""

from __future__ import annotations

import codecs
import re
from functools import cache

import chardet
import webencodings  # type: ignore[import-untyped]  # it ships no types

# (mark, codec) of https://www.unicode.org/faq/utf_bom.html; UTF-32 before UTF-16, whose
# mark begins its own
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(
    rb"""<(?:meta\s[^>]*?charset|\?xml\s[^>]*?encoding)\s*=\s*["']?\s*([\w:.-]+)""",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
# bytes searched for a declaration; browsers read 1,024, and pages in the wild break that
_PRESCAN = 4096
_TAG = re.compile(rb"<[^<>]*>")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_GUESSED_FROM = 200_000  # bytes, as many as chardet reads
# A guess counts only where characters beyond ASCII are no rarity: it is wrong for 23 of
# 600 western pages with some curly quotes and a name or two, of which none has 4 %.
# Polish, Turkish and Hungarian have 7 to 17 %, other scripts more.
_LEAST_SHARE = 0.05  # of letters and bytes beyond ASCII, tags left out
_LEAST_BYTES = 16
# Python's codecs of these names decode less than browsers do.
_WIDER = {"gbk": "gb18030", "x-user-defined": "cp1252"}
# Control characters say nothing in a text, and some are our own marks further on.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]+")


def decode(body: bytes, charset: str = "") -> str:
    """Return the text of ``body`` with "\\n" at line ends and without control
    characters.

    ``charset`` is the label that HTTP gave. It never fails: bytes that are wrong in the
    chosen encoding are read as windows-1252.
    """
    mark, codec = next(
        (known for known in _MARKS if body.startswith(known[0])), (b"", "")
    )
    codec = codec or encoding_of(body, charset)
    text = body[len(mark) :].decode(codec, _error_handler())
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def encoding_of(body: bytes, charset: str = "") -> str:
    """Return Python's name of the encoding of bytes without a byte order mark.

    In order: UTF-16 by its zero bytes; UTF-8 where the bytes are valid UTF-8 beyond
    ASCII; the label that HTTP gave; the one in the document; a guess.
    """
    if codec := _utf_16_by_zeros(body, charset):
        return codec
    # Before any label, as labels lie and bytes hardly do by chance: of ten thousand
    # texts of five Chinese characters in GBK one or two are valid UTF-8.
    if not body.isascii() and _is_utf_8(body):
        return "utf-8"
    for label in (charset, _declared_in(body)):
        codec = codec_of(label)
        # a document whose declaration can be read as ASCII is not in UTF-16
        if codec and not codec.startswith("utf-16"):
            return codec
    return _guessed(body)


def codec_of(label: str) -> str:
    """Return Python's name of the codec that browsers use for a label, "" for none.

    https://encoding.spec.whatwg.org/#names-and-labels; the labels that it maps to
    "replacement" are for encodings that browsers refuse to read.
    """
    found = webencodings.lookup(label.strip("\"' \t\r\n"))
    if found is None or found.name == "replacement":
        return ""
    codec: str = found.codec_info.name
    return _WIDER.get(codec, codec)


def _declared_in(body: bytes) -> str:
    # As browsers do: a declaration that was commented out declares nothing.
    head = _COMMENT.sub(b"", body[:_PRESCAN])
    found = _DECLARATION.search(head)
    if found:
        return found[1].decode("ascii", "ignore")
    return ""


def _utf_16_by_zeros(body: bytes, charset: str) -> str:
    """Tell UTF-16 by where zero bytes lie, "" where the bytes are something else."""
    head = body[:_PRESCAN]
    if b"\x00" not in head:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Markup makes a quarter of the characters ASCII; in other encodings zeros are rare
    # accidents.
    if 4 * max(even, odd) > len(head) // 2:
        if even > odd:
            return "utf-16-be"
        return "utf-16-le"
    codec = codec_of(charset)
    if codec.startswith("utf-16"):
        return codec
    return ""


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guessed(body: bytes) -> str:
    """Guess the encoding of a document that declares none."""
    head = body[:_GUESSED_FROM]
    has_escapes = b"\x1b" in head  # ISO-2022-JP is ASCII with escape sequences
    if body.isascii() and not has_escapes:
        return "utf-8"
    # Markup is ASCII in any language, and would hide the letters between.
    text = _TAG.sub(b"", head)
    beyond = len(_BEYOND_ASCII.findall(text))
    letters = len(_ASCII_LETTER.findall(text))
    is_rare = beyond < max(_LEAST_BYTES, _LEAST_SHARE * (letters + beyond))
    if is_rare and not has_escapes:
        return "cp1252"
    found = chardet.detect(
        head,
        encoding_era=chardet.EncodingEra.MODERN_WEB,
        compat_names=False,
        prefer_superset=True,
    )
    return found["encoding"] or "cp1252"


@cache
def _error_handler() -> str:
    """Register the handler of wrong bytes with Python's codecs; return its name."""
    name = "windows-1252-bytes"
    codecs.register_error(name, _read_as_windows_1252)
    return name


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    # five bytes mean nothing in windows-1252; browsers keep them as control characters
    text = "".join(
        bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in wrong
    )
    return text, error.end
