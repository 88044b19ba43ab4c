"""Titles, authors and texts as feeds write them, made plain."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from indexer.text.markup import legal
from indexer.text.urls import is_web_address, resolve

HTML_TYPES = ("text/html", "application/xhtml+xml")
LONGEST_TITLE = 1_000  # characters, of all authors' names together too
# Entities are escaped twice by some software, and once more by the template.
_TIMES_ESCAPED = 2

_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|tt|u|var|wbr)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?:mailto:)?[(<]?[^\s()<>@:\"']{1,200}@[^\s()<>@\"']{1,200}[)>]?")
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_ENTITY = re.compile(
    r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
)
# Of text that is HTML, whatever its feed says.
_CLOSING_TAG = re.compile(
    r"</(?:p|div|a|em|i|b|strong|ul|ol|li|pre|code|h[1-6]|blockquote|span|table)>|<br\s*/?>",
    re.IGNORECASE,
)
_EMPTY_LINE = re.compile(r"\n\s*\n")


def text_field(source: object, key: str) -> str:
    """Return a field of a mapping that is a text, "" for any other.

    A plain look-up: feedparser's own one puts other fields in place of missing ones.
    """
    value = None
    if isinstance(source, dict):
        value = dict.get(source, key)
    if isinstance(value, str):
        return legal(value).strip()
    return ""


def plain_title(text: str, *, is_html: bool = False) -> str:
    """Return a title as plain text on one line, however often it was escaped.

    ``is_html``: the feed says that it is HTML. Otherwise only tags of inline markup are
    taken out, as "Drawing on <canvas>" means what it says.
    """
    # "<canvas>" in a text that is not HTML may be what the post is about.
    if is_html:
        text = html.unescape(_ANY_TAG.sub("", text))
    elif "</" in text:
        text = _INLINE_TAG.sub("", text)
    for _ in range(_TIMES_ESCAPED):
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return " ".join(legal(text).split())[:LONGEST_TITLE]


def completed(base: str, written: str) -> str:
    """Return an address that a feed writes in full, "" if it is none."""
    return resolve(base, written) or ""


def base_of_items(url: str, home: str) -> str:
    """Return what completes the addresses of a feed's items.

    ``url`` is the feed's own address, ``home`` its site's.
    """
    # A feed that was saved as a file is still that of its site.
    if is_web_address(url) or not home:
        return url
    return home


def plain_name(text: str) -> str:
    """Return an author's name without markup and addresses of electronic mail."""
    for _ in range(_TIMES_ESCAPED):
        text = _ANY_TAG.sub(" ", html.unescape(_MAIL.sub(" ", text)))
    return plain_title(text).strip(" ()<>,;")


def joined_names(names: Iterable[str]) -> str:
    """Return authors' names in one line, each once."""
    plain = filter(None, map(plain_name, names))
    return ", ".join(dict.fromkeys(plain))[:LONGEST_TITLE]


def html_paragraphs(text: str) -> str:
    """Return plain text as HTML; empty lines part its paragraphs."""
    parts = filter(None, map(str.strip, _EMPTY_LINE.split(text)))
    return "\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in parts)


def text_as_html(value: str, kind: str) -> str:
    """Return a text of a type as HTML, "" for images and the like (in base64)."""
    if kind in HTML_TYPES:
        return value
    if kind == "text/plain" and _CLOSING_TAG.search(value):
        return value
    if kind.startswith("text/"):
        return html_paragraphs(value)
    return ""
