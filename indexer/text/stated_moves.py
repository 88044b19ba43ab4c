"""The move that an HTML page states: a refresh that leads to another address.

Jekyll, Hugo and many hand-made pages redirect so. Parses no tree: the few bytes of such
a page are read before it is known to be worth one.
"""

from __future__ import annotations

import html
import re

from indexer.text.encoding import decode
from indexer.text.urls import canonical_of, is_file, resolve

_LOOKED_AT = 20_000  # bytes of a page in which its head ends
# What is in these is not followed: a page for browsers without scripts is another.
_UNREAD = re.compile(
    r"<!--.*?-->|<(noscript|script|style|template|textarea)\b.*?</\1\s*>",
    re.IGNORECASE | re.DOTALL,
)
_META = re.compile(r"<meta\s([^<>]{0,3000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,20})\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")
# https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh
_REFRESH = re.compile(
    r"""\s*(\d{1,4})(?:\.\d{0,9})?\s*(?:[;,]\s*|\s)(?:url\s*=\s*)?(["']?)([^"'\s][^"']{0,3000}?)\2\s*""",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
# Seconds: a page that is left at once is none; one that says "we have moved" waits.
_AT_ONCE, _SOON = 1, 30
_LONGEST_NOTICE = 600  # characters of a page that only says where it has moved


def stated_move(body: bytes, url: str, *, charset: str = "") -> str:
    """Return the address that a page leads on to, "" where it stays.

    A page that is shown for some seconds moves only if it has no text of its own; one
    that loads itself again does not.
    """
    if is_file(url):
        return ""  # a saved page must not lead to other files
    if b"refresh" not in body[:_LOOKED_AT].lower().replace(b"\x00", b""):
        return ""
    text = _UNREAD.sub(" ", decode(body, charset)[:_LOOKED_AT])
    for meta in _META.finditer(text):
        target, seconds = _refresh_of(meta[1], url)
        if not target or canonical_of(target) == canonical_of(url):
            continue
        if seconds <= _AT_ONCE or (seconds <= _SOON and _is_notice(text)):
            return target
    return ""


def _refresh_of(attributes: str, url: str) -> tuple[str, int]:
    """Return where the refresh of a meta element leads, "" nowhere, and after how many
    seconds."""
    named = {name.lower(): said for name, said in _ATTRIBUTE.findall(attributes)}
    if named.get("http-equiv", "").strip("\"' ").lower() != "refresh":
        return "", 0
    content = named.get("content", "")
    if content[:1] in ('"', "'"):
        content = content[1:-1]
    found = _REFRESH.fullmatch(html.unescape(content))
    if found is None:
        return "", 0
    return resolve(url, found[3]) or "", int(found[1])


def _is_notice(text: str) -> bool:
    return len(" ".join(_TAG.sub(" ", text).split())) <= _LONGEST_NOTICE
