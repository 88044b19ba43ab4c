"""The copies in web archives that link pages name beside their links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from indexer.sources.link_lines import LinkEntry
from indexer.text.urls import is_web_address
from search.text.urls import AddressError, identity

_HOSTS = re.compile(
    r"(?:www\.)?(?:web\.archive\.org|archive\.org|archive\.(?:is|today|ph|li|vn|md|fo)|ghostarchive\.org|perma\.cc)"
)
# On this host are films, books and software too, at addresses of another form.
_MIXED_HOST = re.compile(r"(?:www\.)?archive\.org")
# The archives' own pages have shorter names, or none.
_NAME = re.compile(r"/\w{4}")
# https://web.archive.org/web/20190102030405/http://…, with "id_" behind the time for
# the page as it was.
_OF_ADDRESS = re.compile(
    r"/(?:web/)?(\d{4,14}|newest|latest)(?:[a-z]{2}_)?/(https?:/.*)", re.IGNORECASE
)
_SCHEME = re.compile(r"^(https?):/+", re.IGNORECASE)
_TIME = re.compile(r"(/web/\d{4,14})(?:[a-z]{2}_)?/")
_COPY_WORDS = re.compile(
    r"archiv|cop(?:y|ie)|mirror|snapshot|wayback|perma|cached", re.IGNORECASE
)


def archived_address(url: str) -> str:
    """Return the address that a copy is of, "" where the copy's own does not say."""
    if not is_copy(url):
        return ""
    parts = urlsplit(url)
    path = parts.path
    if parts.query:
        path += f"?{parts.query}"
    found = _OF_ADDRESS.fullmatch(path)
    if found is None:
        return ""
    # Archives write the two slashes of the scheme as one.
    original = _SCHEME.sub(r"\1://", found[2])
    if is_web_address(original):
        return original
    return ""


def is_copy(url: str) -> bool:
    """Tell if an address is that of a copy, not of one of the archive's own pages."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    # Elsewhere each address but the archive's own pages is a copy.
    if _MIXED_HOST.fullmatch(host):
        return bool(_OF_ADDRESS.fullmatch(parts.path))
    return bool(_HOSTS.fullmatch(host) and _NAME.search(parts.path))


def copies(entries: Sequence[LinkEntry]) -> dict[str, str]:
    """Return the address of the copy by the identity of the linked address it is of.

    A copy belongs to the address that its own names, if the page links to that too;
    else to the link just before it in the same line, if it calls itself a copy.
    """
    # A copy of a page that nobody links to is an article of its own.
    linked = {_link_key(entry.url) for entry in entries if not is_copy(entry.url)}
    found: dict[str, str] = {}
    before: LinkEntry | None = None
    for entry in entries:
        if is_copy(entry.url):
            key = _link_key(archived_address(entry.url))
            # Short addresses (archive.is/AbC12) do not say of what they are a copy.
            if not key and before is not None and _is_beside(entry, before):
                key = _link_key(before.url)
            if key in linked:
                found.setdefault(key, entry.url)
        before = entry
    return found


def reading_address(copy: str) -> str:
    """Return the address at which a copy is read.

    At the Wayback Machine the page without its toolbar and with its own links
    (https://wiki.archiveteam.org/index.php/Wayback_Machine).
    """
    if urlsplit(copy).hostname != "web.archive.org":
        return copy
    return _TIME.sub(r"\1id_/", copy, count=1)


def _is_beside(entry: LinkEntry, before: LinkEntry) -> bool:
    """Tell if a link calls itself a copy, in the same line as the one before it."""
    if (entry.note, entry.section) != (before.note, before.section):
        return False
    return bool(_COPY_WORDS.search(entry.anchor_text))


def _link_key(url: str) -> str:
    try:
        return identity(url)
    except AddressError:
        return ""
