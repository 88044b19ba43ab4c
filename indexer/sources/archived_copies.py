"""Links that lead nowhere any more, and the archived copies that link pages name beside
them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from indexer.sources.link_reader import LinkEntry
from indexer.text.urls import is_web_address
from search.text.urls import AddressError, identity

_HOSTS = re.compile(
    r"(?:www\.)?(?:web\.archive\.org|archive\.org|archive\.(?:is|today|ph|li|vn|md|fo)|ghostarchive\.org|perma\.cc)"
)
# https://web.archive.org/web/20190102030405/http://…, with "id_" behind the time for
# the page as it was
_OF_ADDRESS = re.compile(
    r"/(?:web/)?(\d{4,14}|newest|latest)(?:[a-z]{2}_)?/(https?:/.*)", re.IGNORECASE
)
_COPY_WORDS = re.compile(
    r"archiv|cop(?:y|ie)|mirror|snapshot|wayback|perma|cached", re.IGNORECASE
)


def archived_address(url: str) -> str:
    """The address that an archive's copy is of, "" where the copy's own address doesn't
    say."""
    if not is_copy(url):
        return ""
    parts = urlsplit(url)
    found = _OF_ADDRESS.fullmatch(
        parts.path + (f"?{parts.query}" if parts.query else "")
    )
    original = (
        re.sub(r"^(https?):/+", r"\1://", found[2], flags=re.IGNORECASE)
        if found
        else ""
    )
    return original if is_web_address(original) else ""


def is_copy(url: str) -> bool:
    """Whether an address is that of a copy in a web archive, rather than of the
    archive's own pages."""
    parts = urlsplit(url)
    return bool(_HOSTS.fullmatch(parts.hostname or "")) and bool(re.search(r"/\w{4}", parts.path)) and (
        parts.hostname not in ("archive.org", "www.archive.org") or bool(_OF_ADDRESS.fullmatch(parts.path))
    )  # fmt: skip


def copies(entries: Sequence[LinkEntry]) -> dict[str, str]:
    """The archived copies that a link page names: identity of a linked address →
    address of its copy.

    A copy belongs to the address that its own names, if the page links to that too;
    else to the link just before it in the same line, if it calls itself a copy.
    """
    linked = {_key(entry.url) for entry in entries if not is_copy(entry.url)}
    found: dict[str, str] = {}
    for before, entry in zip([None, *entries], entries, strict=False):
        if not is_copy(entry.url):
            continue
        key = _key(archived_address(entry.url))
        beside = before is not None and (before.note, before.section) == (
            entry.note,
            entry.section,
        )
        if (
            not key
            and before is not None
            and beside
            and _COPY_WORDS.search(entry.anchor_text)
        ):
            key = _key(before.url)
        if key in linked:
            found.setdefault(key, entry.url)
    return found


def reading_address(copy: str) -> str:
    """The address at which a copy is read: at the Wayback Machine the page without its
    toolbar and with its own links
    (https://wiki.archiveteam.org/index.php/Wayback_Machine)."""
    if urlsplit(copy).hostname != "web.archive.org":
        return copy
    return re.sub(r"(/web/\d{4,14})(?:[a-z]{2}_)?/", r"\1id_/", copy, count=1)


def _key(url: str) -> str:
    try:
        return identity(url) if url else ""
    except AddressError:
        return ""
