"""Pages that a person saved from a browser: one HTML file with everything in it, or
MHTML."""

from __future__ import annotations

import email
import re
from email.message import Message
from email.policy import compat32
from itertools import islice

from indexer.extract.dom import parse_html
from indexer.extract.page import ExtractError
from indexer.local.export_items import web_address
from indexer.text.encoding import decode

SOFTWARE = "saved"  # an item's, whose content is the whole page as a browser had it
_HEAD = 20_000  # bytes; all marks stand at a page's very beginning
# SingleFile is a browser extension; "saved from url" is what browsers write; HTTrack
# copies sites.
_SINGLE_FILE = re.compile(
    rb"<!--\s*Page saved with SingleFile\s.*?\burl:\s*(\S+)", re.I | re.S
)
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{1,6}\)(\S+)", re.I)
_MIRRORED = re.compile(rb"<!--\s*Mirrored from (\S+) by HTTrack", re.I)
# Each mark with what its address lacks.
_MARKS = ((_SINGLE_FILE, ""), (_SAVED_FROM, ""), (_MIRRORED, "https://"))
# Pictures and fonts as data: addresses; shorter ones are icons and cost nothing.
_EMBEDDED = re.compile(
    rb"""data:(?:image|font|application|audio|video)/[^"')\s>]{200,}"""
)
_MOST_PARTS = 2000  # of an MHTML file: a page and its pictures
_MHTML_HEADERS = (b"multipart/related", b"mime-version:")
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


def saved_address(body: bytes) -> str:
    """Return the address that a saved page came from, "" where it is no saved page or
    came from none on the web."""
    head = body[:_HEAD]
    for mark, scheme in _MARKS:
        found = mark.search(head)
        if found is not None:
            return web_address(scheme + found[1].decode("utf-8", "replace"))
    if is_mhtml(body):
        return _mhtml_address(body)
    return ""


def _mhtml_address(body: bytes) -> str:
    part, message = _page_part(body)
    # Chrome names the page's address at the top, Internet Explorer at its part.
    named = [message["Snapshot-Content-Location"]]
    if part is not None:
        named.append(part["Content-Location"])
    addresses = [web_address(str(name).strip()) for name in named if name]
    return next(filter(None, addresses), "")


def canonical_link(body: bytes) -> str:
    """Return the address that a page names as its own, "" for none."""
    for link in parse_html(decode(without_embedded_files(body))).elements("link"):
        if link.get("rel").lower() == "canonical" and "href" in link.attrs:
            return web_address(link.get("href"))
    return ""


def is_mhtml(body: bytes) -> bool:
    """Say if the bytes begin with a mail's headers that announce parts which belong
    together."""
    start = body[:_HEAD].replace(b"\r\n", b"\n").lstrip()
    headers = start.partition(b"\n\n")[0].lower()
    has_parts = any(mark in headers for mark in _MHTML_HEADERS)
    return has_parts and b"content-type:" in headers


def mhtml_page(body: bytes) -> tuple[bytes, str]:
    """Return the HTML of an MHTML file and its charset.

    Raises ExtractError where it holds none.
    """
    part, _ = _page_part(body)
    content = part.get_payload(decode=True) if part else None
    if part is None or not isinstance(content, bytes):
        raise ExtractError("The file is a saved page without a page in it.")
    return content, str(part.get_content_charset() or "")


def without_embedded_files(body: bytes) -> bytes:
    """Return the page without the pictures and fonts that are written into it."""
    # The parser would read them letter by letter, and no text is in them.
    return _EMBEDDED.sub(b"data:,", body)


def _page_part(body: bytes) -> tuple[Message | None, Message]:
    """The first part that is HTML, and the whole message."""
    message = email.message_from_bytes(body.lstrip(), policy=compat32)
    for part in islice(message.walk(), _MOST_PARTS + 1):
        if part.get_content_type() in _PAGE_TYPES:
            return part, message
    return None, message
