"""The feed's XML inside what was served or saved, put right where that is safe.

A feed reaches us behind PHP warnings, with control characters in it, or as the text of
a web page that showed it: line numbers first, then XML whose HTML lies unescaped in
``<description>``. Text is all that is looked at: nothing is parsed.
"""

from __future__ import annotations

import re

from indexer.sources.feed.repair import repaired
from indexer.text.dates import find_date
from indexer.text.markup import root_of, start_of_root

# RSS, Atom, RSS 1.1, and an Atom entry by itself.
_ROOT = re.compile(
    r"<((?:[A-Za-z][\w.-]{0,20}:)?(?:rss|feed|RDF)(?=[\s>])"
    r"|(?:[A-Za-z][\w.-]{0,20}:)?Channel(?=\s[^<>]{0,500}//purl\.org/net/rss1\.1#)"
    r"|(?:[A-Za-z][\w.-]{0,20}:)?entry(?=\s[^<>]{0,500}//(?:www\.w3\.org/2005/Atom|purl\.org/atom/ns#)))"
)
_HTML_ROOTS = ("html", "head", "body")
# Chrome's own page around XML that was saved from it.
_BROWSER_VIEW = "webkit-xml-viewer-source-xml"
# Characters before the root; a declaration further from it belongs to something else.
_PROLOG = 2000
# Of the whole text: a feed that begins later and is smaller is a sample in an article.
_LEAST_SHARE = 0.5
_ITEM = re.compile(r"<((?:[A-Za-z][\w.-]{0,20}:)?(?:item|entry))(?=[\s>])")
_DATE = re.compile(
    r"<(?:[A-Za-z][\w.-]{0,20}:)?(?:pubDate|published|date|updated|issued)\b[^<>]{0,200}>([^<]{0,100})"
)
_LONGEST_HEAD = 100_000  # characters of an item in which its date is looked for


def feed_document(text: str) -> str | None:
    """Return the XML of the feed in a text, without its declaration; None if none.

    An XML document that begins the text is taken as it is. One that begins later counts
    only if it is at least half of the text.
    """
    begins = start_of_root(text)
    root = _ROOT.match(text, begins)
    if root is not None:  # the document begins the text
        return repaired(text[: _end_of(text, root, first=False)])
    root = _ROOT.search(text, begins)
    if root is None:
        return None
    in_view = _BROWSER_VIEW in text[: root.start()]
    if root_of(text) in _HTML_ROOTS and not in_view:
        return None
    # The declaration belongs to the document, and so does a document type behind it.
    start = text.rfind("<?xml", max(0, root.start() - _PROLOG), root.start())
    if start < 0:
        start = root.start()
    end = _end_of(text, root, first=in_view)
    is_sample = end - start < _LEAST_SHARE * len(text)
    if is_sample and not in_view:
        return None
    return repaired(text[start:end])


def newest_items(document: str, most: int) -> tuple[str, int]:
    """Return a feed with its ``most`` newest items, and the number of those left out.

    Without parsing, which takes 150 µs an item: feeds are in the order of time, one way
    or the other.
    """
    # A plain count first: nearly all feeds are shorter.
    first = _ITEM.search(document)
    if first is None or document.count(f"<{first[1]}") <= most:
        return document, 0
    opening = re.compile(rf"<{re.escape(first[1])}(?=[\s>])")
    starts = [found.start() for found in opening.finditer(document)]
    left_out = len(starts) - most
    if left_out <= 0:
        return document, 0
    if not _is_newest_first(document, starts):
        return document[: starts[0]] + document[starts[-most] :], left_out
    closing = f"</{first[1]}>"
    end = document.rfind(closing)
    rest = ""
    if end > starts[-1]:
        rest = document[end + len(closing) :]
    return document[: starts[most]] + rest, left_out


def _end_of(text: str, root: re.Match[str], *, first: bool) -> int:
    """Return the end of a root element: of the first of its closing tags, or the last."""
    closing = f"</{root[1]}>"
    if first:
        end = text.find(closing, root.end())
    else:
        end = text.rfind(closing)
    if end < root.end():
        return len(text)
    return end + len(closing)


def _is_newest_first(document: str, starts: list[int]) -> bool:
    """Compare the dates of the first and the last item."""
    # In doubt the newest is first, as in nearly all feeds.
    days = []
    for start in (starts[0], starts[-1]):
        written = _DATE.search(document, start, start + _LONGEST_HEAD)
        days.append(find_date(written[1]) if written else None)
    first, last = days
    return first is None or last is None or first >= last
