"""What a status or a media type that is of no use means, as a stable word and a
sentence. Pure."""

from __future__ import annotations

from indexer.records import FetchReason

_UNREADABLE_KINDS = (
    "image/",
    "audio/",
    "video/",
    "font/",
    "model/",
    "application/vnd.",
)
_UNREADABLE_TYPES = {
    "application/" + kind
    for kind in (
        "pdf",
        "zip",
        "x-tar",
        "x-7z-compressed",
        "x-bzip2",
        "msword",
        "epub+zip",
        "wasm",
    )
}
_PDF = ("application/pdf", "application/x-pdf")
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
    """FetchError's reason and message for a status that is neither success nor
    redirect."""
    return _BY_STATUS.get(status) or _by_class(status)


def is_readable(kind: str, *, article: bool = False) -> bool:
    """Whether a body of this media type can be a page or a feed; an unsaid type may be
    anything.

    An article may be a PDF file too.
    """
    if article and kind in _PDF:
        return True
    return not kind.startswith(_UNREADABLE_KINDS) and kind not in _UNREADABLE_TYPES


def _by_class(status: int) -> tuple[FetchReason, str]:
    if status >= 500:
        return "server-error", f"The server has trouble of its own ({status})."
    if status >= 400:
        return "client-error", f"The server refuses the request ({status})."
    return "no-content", f"The server gave no page ({status})."
