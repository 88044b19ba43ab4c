"""The feed's XML inside what was served or saved, put right where that is safe. Pure text.

A feed reaches us behind PHP warnings, with control characters in it, or as the text of a web page
that showed it: line numbers first, then XML whose HTML lies unescaped in ``<description>``.
"""

from __future__ import annotations

import re

_ROOT = re.compile(r"<((?:[A-Za-z][\w.-]{0,20}:)?(?:rss|feed|RDF))(?=[\s>])")
_ELEMENTS_OF_HTML = ("description", "content:encoded")
_BROWSER_VIEW = "webkit-xml-viewer-source-xml"  # Chrome's own page around XML it was told to save
_PROLOG = 2000  # characters: a declaration and document type further from the root belong to something else
# Characters that XML 1.0 does not allow (section 2.2), as such and as references.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ILLEGAL_REFERENCE = re.compile(
    r"&#(?:0{0,6}(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0{0,6}(?:[0-8bcBCeEfF]|1[0-9a-fA-F])|[xX][dD][89a-fA-F]..);"
)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_BEFORE_ROOT = re.compile(
    r"[\s\ufeff]*(?:<!--(?:(?!-->).){0,5000}-->|<\?[^>]{0,1000}>|<!doctype\s[^>\[]{0,1000}>)",
    re.IGNORECASE | re.DOTALL,
)
_ELEMENT = re.compile(r"[\s\ufeff]*<([A-Za-z][\w:.-]{0,40})")
_MOST_BEFORE_ROOT = 20  # declarations and comments


def legal(text: str) -> str:
    """The text without the characters that no XML, database or terminal wants."""
    return _ILLEGAL.sub("", text)


def root_of(text: str) -> str:
    """The name of the element a text begins with, in lower case; "" where it begins with none."""
    at = 0
    for _ in range(_MOST_BEFORE_ROOT):
        found = _BEFORE_ROOT.match(text, at)
        if found is None:
            break
        at = found.end()
    element = _ELEMENT.match(text, at)
    return element[1].lower() if element else ""


def feed_document(text: str) -> str | None:
    """The XML of the feed in this text, without its declaration; None where there is none.

    An XML document that begins the text is taken as it is. One that begins later counts only if it
    is at least half of the text, so that an article which shows a feed as a sample is none.
    """
    root = _ROOT.search(text)
    if root is None:
        return None
    in_view = _BROWSER_VIEW in text[: root.start()]
    if root_of(text) in ("html", "head", "body") and not in_view:
        return None
    start = text.rfind("<?xml", max(0, root.start() - _PROLOG), root.start())
    start = root.start() if start < 0 else start
    closing = f"</{root[1]}>"
    end = text.find(closing, root.end()) if in_view else text.rfind(closing)
    end = len(text) if end < root.end() else end + len(closing)
    before = text[:start].strip()
    if before and not in_view and 2 * (end - start) < len(text):
        return None
    document = text[start:end] if before or in_view else text[:end]
    return _repaired(_DECLARATION.sub("", document, count=1))


def _repaired(xml: str) -> str:
    xml = _ILLEGAL_REFERENCE.sub("", legal(xml)).lstrip("\ufeff \t\r\n")
    for element in _ELEMENTS_OF_HTML:
        xml = _wrapped(xml, element)
    return xml


def _wrapped(xml: str, element: str) -> str:
    """Unescaped HTML inside these elements as CDATA, so that it comes out letter by letter.

    Read as XML it would lose its comments, and ``&rsquo;`` or ``<br>`` would break the document.
    """
    pieces: list[str] = []
    done = 0
    opening = re.compile(rf"<{element}(?:\s[^<>]{{0,500}})?>")
    while (start := opening.search(xml, done)) is not None:
        end = xml.find(f"</{element}>", start.end())
        if end < 0:
            break
        inside = xml[start.end() : end]
        raw = "<" in inside and "<![CDATA[" not in inside and "]]>" not in inside
        pieces += [
            xml[done : start.end()],
            f"<![CDATA[{inside}]]>" if raw and start[0][-2] != "/" else inside,
        ]
        done = end
    return "".join(pieces) + xml[done:]
