"""The vocabulary of the crawl: items, sources, pages and how each attempt ended.

Standard library only: importing this must load neither SQLite nor the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from search.errors import BlogsearchError


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next request conditional, exactly as served, and the address that
    served it.

    They are sent to that address only (a redirect may lead to it); "" stands for the
    address asked.
    """

    etag: str = ""
    last_modified: str = ""
    url: str = ""

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)


SourceKind = Literal["feed", "linkpage", "article", "folder", "archive"]

State = Literal["good", "partial", "failed", "gone", "forgotten"]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as it is remembered. Times are ISO 8601 in UTC, "" where there is
    none."""

    url: str
    kind: SourceKind
    title: str = ""
    home: str = ""
    allow_private: bool = False
    # fields of fetch's Validators
    validators: dict[str, str] = field(default_factory=dict)
    body_hash: str = ""
    not_before: str = ""  # the server asked not to be polled again until then
    error: str = ""
    ended: bool = False  # 410 Gone: it is not polled any more
    # Listing's: where older items are
    leads: dict[str, str] = field(default_factory=dict)
    # items, when it was last read; older ledgers didn't count them
    shown: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What one source says of one article or link: a feed's entry, or the notes on a
    link page.

    ``notes`` holds (text, anchor text, section, ISO date or "", place on the page).
    """

    url: str
    title: str = ""
    author: str = ""
    published: str = ""  # ISO date
    updated: str = ""
    content: str = ""  # HTML as the feed gave it
    site: str = ""
    language: str = ""
    notes: tuple[tuple[str, str, str, str, int], ...] = ()
    file: str = ""  # file://…, where the text lies on disk
    version: str = ""  # of that file: changes with its bytes
    software: str = ""  # whose conventions that file follows
    archived: str = ""  # the copy in a web archive that a link page names beside it
    remark: str = ""  # what could not be read as it is meant, for a person to know


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a folder as it was when it was last looked at.

    ``stamp`` is its time of change and size, "" where it is to be looked at again in
    any case; ``url`` the address of the article that it is, "" for none, ``left_out``
    then says why.
    """

    file: str
    stamp: str
    url: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """How the last try at an address ended.

    ``state`` "good" is the whole article, "partial" a summary or nothing but the link
    though the address answered, "failed" that it could not be had, "gone" that it was
    had and then answered 404 or 410 (seen once while ``article`` is there), "forgotten"
    that the user wants it out. ``article`` is the address under which the index holds
    it. ``item_hash`` is of the items that were used. ``due`` is when it may be tried or
    looked at again, ISO 8601 in UTC.
    """

    url: str
    state: State
    article: str = ""
    item_hash: str = ""
    attempts: int = 0
    due: str = ""
    reason: str = ""
    # of the page as it was last had
    validators: dict[str, str] = field(default_factory=dict)
    size: int = 0  # bytes of the page as it was last had
    moved: str = ""  # where permanent redirects led: it is asked for there
    dead: str = ""  # ISO date since when each try said that there is no such page
    copy: str = ""  # the archived copy that is held in its place
    away: str = ""  # when its server said last that it can't be had, as an HTTP date


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """A robots.txt as it was last had: ``text`` None where a server has none.
    ``fresh_until`` (ISO 8601 in UTC) it is not asked for again, as its server said."""

    text: str | None
    seen: Validators
    fresh_until: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was served, its content encoding undone.

    ``url`` is the address asked, ``final_url`` the one that answered. ``moved_to`` is
    where permanent redirects alone (301, 308) lead, "" where there are none: the stored
    address moves there. ``content_type`` and ``charset`` are the header's, in lower
    case, "" where unsaid. ``noindex``: the X-Robots-Tag header keeps it out of indexes;
    ``nosnippet``: it wants no text of it shown. ``max_age``: seconds it stays fresh,
    None where unsaid.
    """

    url: str
    final_url: str
    body: bytes
    moved_to: str = ""
    status: int = 200
    content_type: str = ""
    charset: str = ""
    validators: Validators = field(default_factory=Validators)
    noindex: bool = False
    nosnippet: bool = False
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The page is as it was when ``validators`` were served; new ones replace the
    old."""

    url: str
    moved_to: str = ""
    validators: Validators = field(default_factory=Validators)
    max_age: int | None = None


class Fetcher(Protocol):
    """Gets pages. Safe to call from several threads."""

    def fetch(
        self,
        url: str,
        validators: Validators | None = None,
        *,
        article: bool = False,
        allow_private: bool = False,
    ) -> Page | NotModified:
        """The page at ``url``, or that it is as ``validators`` know it. Raises
        FetchError.

        ``article``: honour robots.txt (not asked for feeds, which the user named).
        ``allow_private``: the host may be in the user's own network.
        """
        ...


class SiteFetcher(Fetcher, Protocol):
    """A Fetcher that also knows the sitemaps which a site's robots.txt names."""

    def sitemaps(self, site: str, *, allow_private: bool = False) -> Sequence[str]:
        """The addresses as written; raises FetchError if robots.txt can't be had."""
        ...

    @property
    def requests(self) -> int:
        """How many requests went out so far: redirects, repeated tries and robots.txt
        among them."""
        ...


# Reasons for which another try soon is of no use; all others may pass.
_LASTING = {
    "bad-address",
    "private-address",
    "no-such-host",
    "tls",
    "too-large",
    "unsupported-type",
    "redirect-loop",
    "bad-redirect",
    "robots",
    "unauthorized",
    "forbidden",
    "not-found",
    "gone",
    "client-error",
}


class FetchError(BlogsearchError):
    """A page could not be had; ``str(error)`` says why in a sentence (without the
    address).

    ``reason`` is a stable word: one of those above, or dns, timeout, too-slow,
    connection, garbled, no-content, rate-limited, server-error, robots-unreachable,
    stopped. ``status`` is that of the last reply, None without one; ``retry_after`` the
    seconds that the server asks to wait; ``seen`` makes the next try conditional upon a
    change since this reply.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        seen: Validators | None = None,
    ) -> None:
        super().__init__(message)
        self.url = url
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.seen = seen or Validators()

    def about(self, url: str) -> FetchError:
        """The same of another address."""
        return FetchError(
            url,
            self.reason,
            str(self),
            status=self.status,
            retry_after=self.retry_after,
            seen=self.seen,
        )

    @property
    def permanent(self) -> bool:
        """Whether another try soon is of no use."""
        return self.reason in _LASTING


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source says of itself, and the items that it lists, one an address.

    ``leads``: what a feed says of where its older items are, and of when to ask again,
    by name of Feed's fields. ``kept`` are all addresses that it still leads to, where
    it is known to be whole: others it led to are given up.
    """

    title: str
    home: str
    items: tuple[Item, ...]
    leads: dict[str, str] = field(default_factory=dict)
    kept: frozenset[str] | None = None


Result = Literal["article", "summary", "link", "unchanged", "failed", "excluded"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one address ended. ``reason`` says why it is not the whole article; ``tried``
    is False where it was not its turn and what is held stays as it was."""

    url: str
    result: Result
    reason: str = ""
    tried: bool = True


@dataclass(slots=True)
class Report:
    """What a run did. ``sources`` pairs each source with its error, "" where all is
    well."""

    sources: list[tuple[SourceRecord, str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    embedded: int = 0
    reused: int = 0
    stopped: bool = False


class Progress(Protocol):
    """Is told how far a run is."""

    def begin(self, what: str, total: int) -> None: ...
    def advance(self, text: str) -> None: ...
    def end(self) -> None: ...
