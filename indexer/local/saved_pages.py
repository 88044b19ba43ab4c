"""Pages that a person saved from a browser: one HTML file with everything in it, or
MHTML. Pure."""

from __future__ import annotations

import email
import re
from email.message import Message
from email.policy import compat32

from indexer.extract.dom import parse
from indexer.extract.page import ExtractError
from indexer.text.encoding import decode
from search.text.urls import AddressError, canonical

_LOOKED_AT = 20_000  # bytes; both marks stand at a page's very beginning
_SINGLE_FILE = re.compile(
    rb"<!--\s*Page saved with SingleFile\s.*?\burl:\s*(\S+)", re.I | re.S
)
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{1,6}\)(\S+)", re.I)
_MIRRORED = re.compile(rb"<!--\s*Mirrored from (\S+) by HTTrack", re.I)
_DATA = re.compile(rb"""data:(?:image|font|application|audio|video)/[^"')\s>]{200,}""")
_MOST_PARTS = 2000  # of an MHTML file: a page and its pictures
_HEADERS = re.compile(rb"^(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}\s*\n", re.M)


def address_of(body: bytes) -> str:
    """The address that a saved page came from, "" where it is no saved page or came
    from none on the web."""
    start = body[:_LOOKED_AT]
    for mark in (_SINGLE_FILE, _SAVED_FROM):
        if found := mark.search(start):
            return _web(found[1].decode("utf-8", "replace"))
    if found := _MIRRORED.search(start):
        return _web(f"https://{found[1].decode('utf-8', 'replace')}")
    if is_mhtml(body):
        part, message = _page_of(body)
        named = (
            message["Snapshot-Content-Location"],
            part["Content-Location"] if part else "",
        )
        return next(
            (web for name in named if name and (web := _web(str(name).strip()))), ""
        )
    return ""


def canonical_link(body: bytes) -> str:
    """The address that a page names as its own, "" for none."""
    for link in parse(decode(without_pictures(body))).elements("link"):
        if link.get("rel").lower() == "canonical" and "href" in link.attrs:
            return _web(link.get("href"))
    return ""


def is_mhtml(body: bytes) -> bool:
    """Whether the bytes begin with a mail's headers that announce parts which belong
    together."""
    start = body[:_LOOKED_AT].replace(b"\r\n", b"\n").lstrip()
    head = start.partition(b"\n\n")[0].lower()
    return b"content-type:" in head and (
        b"multipart/related" in head or b"mime-version:" in head
    )


def page_of(body: bytes) -> tuple[bytes, str]:
    """The HTML of an MHTML file and its charset. Raises ExtractError where it holds
    none."""
    part, _ = _page_of(body)
    content = part.get_payload(decode=True) if part else None
    if part is None or not isinstance(content, bytes):
        raise ExtractError("The file is a saved page without a page in it.")
    return content, str(part.get_content_charset() or "")


def without_pictures(body: bytes) -> bytes:
    """The page without the pictures and fonts that lie in it letter by letter."""
    return _DATA.sub(b"data:,", body)


def _page_of(body: bytes) -> tuple[Message | None, Message]:
    """The part with the page, the first HTML one, and the whole."""
    message = email.message_from_bytes(body.lstrip(), policy=compat32)
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            break
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            return part, message
    return None, message


def _web(address: str) -> str:
    try:
        return canonical(address)
    except AddressError:
        return ""
