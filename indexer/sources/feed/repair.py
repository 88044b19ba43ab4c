"""A feed's XML put right where that is safe, so that a strict parser takes it.

Text is all that is looked at: nothing is parsed. A parser for broken markup, which is
what feedparser falls back on, reads "AT&T" as "AT&T;" and ``?a=1&copy=2`` as a sign.
"""

from __future__ import annotations

import re
from html.entities import html5

from indexer.text.markup import legal, start_of_root

_ELEMENTS_OF_HTML = ("description", "content:encoded")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
# What is text as it stands, and what may be a reference.
_PIECE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|&(?:#(?:(?P<decimal>[0-9]+)|[xX](?P<hexadecimal>[0-9A-Fa-f]+));|(?P<name>[A-Za-z]\w{0,40});)?",
    re.DOTALL,
)
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
# Of a document's own entities those that are a short text without others inside: what
# is nested, or in another file, is not looked up.
_ENTITY = re.compile(
    r"""<!ENTITY\s+(\w{1,40})\s+(?:"([^"<>&%]{0,200}|&#\w{1,8};)"|'([^'<>&%]{0,200}|&#\w{1,8};)')\s*>"""
)
_MOST_DECLARED = 10_000  # references to them; as many may make no bomb
_LONGEST_REFERENCE = 8  # digits; int() takes quadratic time for millions
_LAST_CODE_POINT = 0x10FFFF
# Beside its text a link may have an attribute, which feedparser takes in its place.
_LINK_URI = re.compile(
    r"""(<link\b[^<>]{0,200}?)\suri\s*=\s*(?:"[^"<>]{0,2000}"|'[^'<>]{0,2000}')([^<>/]{0,200}>)(?=\s*[^\s<])"""
)


def repaired(xml: str) -> str:
    """Return the XML of a feed without its declaration, its characters, references and
    unescaped HTML put right."""
    # Decoded text does not say in which encoding it came.
    xml = _DECLARATION.sub("", xml, count=1)
    xml = legal(xml).lstrip("\ufeff \t\r\n")
    for element in _ELEMENTS_OF_HTML:
        xml = _with_cdata(xml, element)
    references = _References(xml)
    xml = _PIECE.sub(references.legal, xml)
    return _LINK_URI.sub(r"\1\2", xml)


class _References:
    """The references of one document, with the entities that it declares."""

    def __init__(self, xml: str) -> None:
        declared = _ENTITY.finditer(xml, 0, start_of_root(xml))
        self._declared = {found[1]: found[2] or found[3] or "" for found in declared}
        self._left = _MOST_DECLARED

    def legal(self, found: re.Match[str]) -> str:
        """Return a reference as XML has it, an ampersand that begins none escaped."""
        name = found["name"]
        if not found[0].startswith("&") or name in _OF_XML:
            return found[0]
        if name in self._declared and self._left:
            self._left -= 1
            return self._declared[name]
        return _legal_reference(found)


def _legal_reference(found: re.Match[str]) -> str:
    name = found["name"]
    if name:
        characters = html5.get(f"{name};", "")
        escaped = "".join(f"&#{ord(character)};" for character in characters)
        return escaped or f"&amp;{name};"
    if found["decimal"] or found["hexadecimal"]:
        return _legal_number(found)
    return "&amp;"


def _legal_number(found: re.Match[str]) -> str:
    """Return a reference, "" if it is to no character: feedparser would fail at it."""
    decimal, hexadecimal = found["decimal"], found["hexadecimal"]
    digits = (decimal or hexadecimal).lstrip("0") or "0"
    if len(digits) > _LONGEST_REFERENCE:
        return ""
    code = int(digits, 10 if decimal else 16)
    is_legal = code <= _LAST_CODE_POINT and bool(legal(chr(code)))
    if is_legal:
        return found[0]
    return ""


def _with_cdata(xml: str, element: str) -> str:
    """Put unescaped HTML inside these elements into CDATA, so that it stays as it is."""
    # Read as XML it would lose its comments, and ``&rsquo;`` or ``<br>`` would break
    # the document.
    pieces: list[str] = []
    done = 0
    opening = re.compile(rf"<{element}(?:\s[^<>]{{0,500}})?>")
    while (start := opening.search(xml, done)) is not None:
        end = xml.find(f"</{element}>", start.end())
        if end < 0:
            break
        inside = xml[start.end() : end]
        if _is_unescaped(inside) and not start[0].endswith("/>"):
            inside = f"<![CDATA[{inside}]]>"
        pieces += [xml[done : start.end()], inside]
        done = end
    return "".join(pieces) + xml[done:]


def _is_unescaped(html: str) -> bool:
    return "<" in html and "<![CDATA[" not in html and "]]>" not in html
