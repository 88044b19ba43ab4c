"""The feed's XML inside what was served or saved, put right where that is safe. Pure
text.

A feed reaches us behind PHP warnings, with control characters in it, or as the text of
a web page that showed it: line numbers first, then XML whose HTML lies unescaped in
``<description>``.
"""

from __future__ import annotations

import re

from indexer.text.dates import find_date
from indexer.text.markup import legal, root_of

_ROOT = re.compile(r"<((?:[A-Za-z][\w.-]{0,20}:)?(?:rss|feed|RDF))(?=[\s>])")
_ELEMENTS_OF_HTML = ("description", "content:encoded")
# Chrome's own page around XML it was told to save
_BROWSER_VIEW = "webkit-xml-viewer-source-xml"
_PROLOG = 2000  # characters: a declaration and document type further from the root belong to something else
_REFERENCE = re.compile(r"&#(?:([0-9]+)|[xX]([0-9A-Fa-f]+));")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ITEM = re.compile(r"<((?:[A-Za-z][\w.-]{0,20}:)?(?:item|entry))(?=[\s>])")
_DATE = re.compile(
    r"<(?:[A-Za-z][\w.-]{0,20}:)?(?:pubDate|published|date|updated|issued)\b[^<>]{0,200}>([^<]{0,100})"
)
_LONGEST_HEAD = 100_000  # characters of an item in which its date is looked for


def feed_document(text: str) -> str | None:
    """The XML of the feed in this text, without its declaration; None where there is
    none.

    An XML document that begins the text is taken as it is. One that begins later counts
    only if it is at least half of the text, so that an article which shows a feed as a
    sample is none.
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


def newest_items(document: str, most: int) -> tuple[str, int]:
    """The feed with no more than its ``most`` newest items, and how many were left out.

    Told without parsing, which takes 150 µs an item: feeds are in the order of time,
    one way or the other.
    """
    first = _ITEM.search(document)
    opening = re.compile(rf"<{re.escape(first[1])}(?=[\s>])") if first else None
    if first is None or opening is None or document.count(f"<{first[1]}") <= most:
        return document, 0
    starts = [found.start() for found in opening.finditer(document)]
    left_out = len(starts) - most
    if left_out <= 0:
        return document, 0
    if _is_newest_first(document, starts):
        closing = f"</{first[1]}>"
        end = document.rfind(closing)
        rest = document[end + len(closing) :] if end > starts[-1] else ""
        return document[: starts[most]] + rest, left_out
    return document[: starts[0]] + document[starts[-most] :], left_out


def _is_newest_first(document: str, starts: list[int]) -> bool:
    """By the dates of the first and the last item; in doubt so, as nearly all feeds
    are."""
    ends = (starts[0], starts[-1])
    dates = [_DATE.search(document, start, start + _LONGEST_HEAD) for start in ends]
    first, last = (find_date(date[1]) if date else None for date in dates)
    return first is None or last is None or first >= last


def _repaired(xml: str) -> str:
    xml = _REFERENCE.sub(_legal_reference, legal(xml)).lstrip("\ufeff \t\r\n")
    for element in _ELEMENTS_OF_HTML:
        xml = _wrapped(xml, element)
    return xml


def _legal_reference(found: re.Match[str]) -> str:
    """The reference, "" where it is to no character: feedparser would fail at it."""
    digits = (found[1] or found[2]).lstrip("0")
    code = int(digits or "0", 10 if found[1] else 16) if len(digits) <= 8 else -1
    return found[0] if 0 <= code < 0x110000 and legal(chr(code)) else ""


def _wrapped(xml: str, element: str) -> str:
    """Unescaped HTML inside these elements as CDATA, so that it comes out letter by
    letter.

    Read as XML it would lose its comments, and ``&rsquo;`` or ``<br>`` would break the
    document.
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
