"""Bytes → text, with the encoding guessed as a browser would guess it."""

from __future__ import annotations

import codecs
import re

# Labels that browsers read as windows-1252 (WHATWG Encoding Standard, "Names and
# labels"): pages that declare Latin-1 or ASCII hold curly quotes and euro signs of
# windows-1252.
_AS_WINDOWS_1252 = frozenset({"iso8859-1", "ascii", "cp1252"})
# Codecs of the same standard; anything else Python knows (punycode, unicode_escape …)
# is no page's encoding.
_CODECS = (
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be cp866 cp874 cp932 cp949 mac-roman "
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8-r koi8-u gbk gb18030 big5 "
    "big5hkscs euc_jp iso2022_jp shift_jis euc_kr ascii"
)
_OF_THE_WEB = {*_CODECS.split(), *(f"iso8859-{part}" for part in range(1, 17))}
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""(?:encoding|charset)\s{0,20}=\s{0,20}["']?\s{0,20}([A-Za-z0-9_:.\-]{2,40})"""
)
_LOOKED_AT = 2048  # bytes searched for a declaration; browsers look at the first 1,024


def declared_charset(content_type: str) -> str:
    """The charset parameter of a Content-Type header, "" where it has none."""
    found = _DECLARED.search(content_type.encode("ascii", "replace"))
    return found.group(1).decode("ascii") if found else ""


def decode(body: bytes, *, declared: str = "") -> str:
    """The text of a page or feed; never fails, what cannot be read becomes U+FFFD.

    In order: a byte order mark; UTF-8 where the bytes are valid UTF-8 with something
    beyond ASCII in them (no other text looks like that by chance, and declarations
    lie); the ``declared`` charset of the transport; the document's own declaration;
    UTF-8 if valid; windows-1252.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.removeprefix(mark if encoding == "utf-8" else b"").decode(
                encoding, "replace"
            )
    own = _DECLARED.search(body[:_LOOKED_AT])
    if b"\x00" in body[:_LOOKED_AT]:
        return _without_mark(body, declared)
    if not body.isascii() and _is_utf8(body):
        return body.decode("utf-8")
    for label in (declared, own.group(1).decode("ascii") if own else ""):
        codec = _codec(label)
        # a document that can be searched for its declaration as ASCII is not in UTF-16
        if codec and not codec.startswith(("utf-16", "utf-32")):
            return body.decode(codec, "replace")
    return body.decode("utf-8" if body.isascii() else "cp1252", "replace")


def _without_mark(body: bytes, declared: str) -> str:
    """Text with zero bytes near its start: UTF-16 by what is declared or by where the
    zeros lie."""
    codec = _codec(declared)
    if codec.startswith(("utf-16-", "utf-32-")):
        return body.decode(codec, "replace")
    even, odd = body[:_LOOKED_AT:2].count(0), body[1:_LOOKED_AT:2].count(0)
    if max(even, odd) * 4 > min(len(body), _LOOKED_AT) // 2:
        return body.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    return body.decode("utf-8" if _is_utf8(body) else "cp1252", "replace")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _codec(label: str) -> str:
    """Python's name of the codec that browsers use for this label, "" for none."""
    try:
        name = codecs.lookup(label.strip().lower()).name if label else ""
    except (LookupError, ValueError):
        return ""
    if name in _AS_WINDOWS_1252:
        return "cp1252"
    name = _WIDER.get(name, name)
    return name if name in _OF_THE_WEB else ""
