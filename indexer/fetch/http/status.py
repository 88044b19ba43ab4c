"""The reasons and sentences for statuses and media types that are of no use."""

from __future__ import annotations

from indexer.records import FetchReason

# "application/vnd.": office documents and other formats of single programs.
_UNREADABLE_FAMILIES = (
    "image/",
    "audio/",
    "video/",
    "font/",
    "model/",
    "application/vnd.",
)
_UNREADABLE_TYPES = {
    "application/zip",
    "application/x-tar",
    "application/x-7z-compressed",
    "application/x-bzip2",
    "application/msword",
    "application/epub+zip",
    "application/wasm",
}
# Statuses that mean more than their class does (RFC 9110, 15; RFC 7725 for 451).
_BY_STATUS: dict[int, tuple[FetchReason, str]] = {
    401: ("unauthorized", "The page asks for a password (401)."),
    402: ("forbidden", "The page is for paying readers (402)."),
    403: ("forbidden", "The server refuses to give the page (403)."),
    404: ("not-found", "There is no such page (404)."),
    408: ("timeout", "The server gave up waiting (408)."),
    410: ("gone", "The page has been removed for good (410)."),
    429: ("rate-limited", "The server asks for fewer requests (429)."),
    451: ("forbidden", "The page is withheld for legal reasons (451)."),
}


def refused_status(status: int) -> tuple[FetchReason, str]:
    """Return FetchError's reason and message for a status that gives no page."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return "server-error", f"The server has trouble of its own ({status})."
    if status >= 400:
        return "client-error", f"The server refuses the request ({status})."
    return "no-content", f"The server gave no page ({status})."


def is_fetchable_type(kind: str, *, article: bool = False) -> bool:
    """Return False for a media type that can be neither a page nor a feed.

    An unsaid type ("") may be anything. An article may be a PDF file too.
    """
    if kind.startswith(_UNREADABLE_FAMILIES):
        return False
    if kind == "application/pdf":
        return article
    return kind not in _UNREADABLE_TYPES
