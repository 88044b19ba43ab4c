"""The vocabulary of the crawl: items, sources, pages, and how each attempt ended.

Standard library only: importing this loads neither SQLite nor the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from search.errors import BlogsearchError

# "unseen": it is followed, and could not be looked at so far.
SourceKind = Literal["feed", "linkpage", "article", "folder", "archive", "mail", "saved", "unseen"]  # fmt: skip
State = Literal["good", "partial", "failed", "gone", "forgotten"]
# Reasons of a FetchError for which another try soon is of no use.
LastingReason = Literal[
    "bad-address", "private-address", "no-such-host", "tls", "too-large",
    "unsupported-type", "redirect-loop", "bad-redirect", "robots", "unauthorized",
    "forbidden", "not-found", "gone", "client-error",
]  # fmt: skip
# Reasons that may pass by themselves.
PassingReason = Literal[
    "no-network", "dns", "timeout", "too-slow", "connection", "garbled", "no-content",
    "rate-limited", "server-error", "robots-unreachable", "stopped", "put-off",
    "silent-host",
]  # fmt: skip
FetchReason = LastingReason | PassingReason
# Reasons for which an address is not stored as a whole article, "" where there is none.
# "other": an older ledger had only a sentence, which stands in the detail.
Reason = FetchReason | Literal[
    "", "unreadable", "not-whole", "no-page", "read-in-part", "site-page", "forgotten", "forgotten-site", "other",
]  # fmt: skip
# Reasons for which a file of a folder is no post.
LeftOut = Literal[
    "", "empty", "draft", "named-otherwise", "list", "not-collected", "site-page", "future", "same-address",
    "deleted", "automatic", "encrypted", "other",
]  # fmt: skip
Result = Literal["article", "summary", "link", "unchanged", "failed", "excluded"]

_LASTING = frozenset(get_args(LastingReason))


@dataclass(frozen=True, slots=True)
class Validators:
    """Headers that make the next request conditional, exactly as they were served.

    They are sent only to the address that served them, "" for the one that was asked,
    and only with a login where one was sent then.
    """

    etag: str = ""
    last_modified: str = ""
    url: str = ""
    login: str = ""  # "sent"

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as the ledger stores it. Times are ISO 8601 in UTC, "" for none."""

    url: str
    kind: SourceKind
    title: str = ""
    home: str = ""
    allow_private: bool = False
    validators: dict[str, str] = field(default_factory=dict)  # fields of Validators
    body_hash: str = ""
    not_before: str = ""  # the server asked not to be polled again until then
    error: str = ""
    ended: bool = False  # 410 Gone: it is not polled any more
    leads: dict[str, str] = field(default_factory=dict)  # Listing's
    shown: int | None = None  # items when last read; older ledgers did not count them
    feed_only: bool = False  # unseen: older posts are not wanted when it is seen
    wanted: SourceKind | Literal[""] = ""  # unseen: what a person says that it is
    collections: tuple[str, ...] = ()  # folders of OPML files, and what a person named


@dataclass(frozen=True, slots=True)
class Item:
    """One source's words about an article or link: a feed's entry, a link page's notes.

    ``notes`` are (text, anchor text, section, ISO date or "", place on the page).
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
    pageless: bool = False  # its text is all there is: no page of its own is named
    elsewhere: bool = False  # a feed's entry that leads to another site
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a folder as it was when it was last looked at. ``stamp`` is its time of
    change and size, "" to look at it again in any case. ``url`` is that of its article,
    "" for none, for the reason that ``left_out`` gives."""

    file: str
    stamp: str
    url: str = ""
    left_out: LeftOut = ""
    message: str = ""  # the address of a mail by its own id, wherever it lies


@dataclass(frozen=True, slots=True)
class PageRecord:
    """The end of the last try at an address.

    ``state``: "good" is the whole article, "partial" a summary or nothing but the link
    though the address answered, "failed" that it could not be fetched, "gone" that it
    was stored once and then answered 404 or 410 (seen once as long as ``article`` is
    there), "forgotten" that the user wants it out.

    ``article`` is the address under which the index stores it, ``item_hash`` that of
    the items that were used, ``due`` when it may be tried again (ISO 8601 in UTC).
    """

    url: str
    state: State
    article: str = ""
    item_hash: str = ""
    attempts: int = 0
    due: str = ""
    reason: Reason = ""
    detail: str = ""  # a sentence where the reason alone does not say it all
    validators: dict[str, str] = field(default_factory=dict)  # as last fetched
    size: int = 0  # bytes of the page as last fetched
    moved: str = ""  # where permanent redirects led: it is asked for there
    dead: str = ""  # ISO date since when each try said that there is no such page
    copy: str = ""  # the archived copy that is stored in its place
    away: str = ""  # HTTP date at which its server last said that there is no page
    since: str = ""  # ISO date of its forgetting


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """A robots.txt as last fetched: ``text`` is None where a server has none."""

    text: str | None
    seen: Validators
    fresh_until: str = ""  # ISO 8601 in UTC; it is not asked for again before


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was served, its content encoding undone.

    ``url`` is the address asked, ``final_url`` the one that answered. ``moved_to`` is
    where permanent redirects alone (301, 308) lead, "" where there are none: the stored
    address moves there. ``content_type`` and ``charset`` are the header's, in lower
    case. ``noindex``: the X-Robots-Tag header keeps it out of indexes; ``nosnippet``:
    it wants no text of it shown. ``max_age``: seconds it stays fresh. ``document`` is
    the paper that the page is about, and has the validators; ``missing``: why not.
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
    document: Page | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """The answer that a page is as its validators know it; new ones replace the old."""

    url: str
    moved_to: str = ""
    validators: Validators = field(default_factory=Validators)
    max_age: int | None = None


class Fetcher(Protocol):
    """Fetches pages. Safe to call from several threads."""

    def fetch(
        self,
        url: str,
        validators: Validators | None = None,
        *,
        article: bool = False,
        allow_private: bool = False,
    ) -> Page | NotModified:
        """Fetch a page unless it is as ``validators`` know it. Raises FetchError.

        ``article``: honour robots.txt (not asked for feeds, which the user named).
        ``allow_private``: this host, and no other, may be in the user's own network.
        """
        ...


class SiteFetcher(Fetcher, Protocol):
    """A Fetcher that also knows the sitemaps which a site's robots.txt names."""

    def sitemaps(self, site: str, *, allow_private: bool = False) -> Sequence[str]:
        """Return the addresses as written. Raises FetchError without a robots.txt."""
        ...

    @property
    def requests(self) -> int:
        """Count the requests so far, redirects, repeats and robots.txt among them."""
        ...


class FetchError(BlogsearchError):
    """The failure to fetch a page; ``str(error)`` is a sentence without the address.

    ``status`` is that of the last reply, None without one; ``retry_after`` the seconds
    that the server asks to wait. ``seen``, set by whoever read the reply, makes the next
    try conditional upon a change since; ``silent``, by whoever sent the request, is True
    where the host is not asked again in this run.
    """

    def __init__(
        self,
        url: str,
        reason: FetchReason,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.url = url
        self.reason: FetchReason = reason
        self.status = status
        self.retry_after = retry_after
        self.seen = Validators()
        self.silent = False

    def about(self, url: str) -> FetchError:
        """Say the same of another address."""
        error = FetchError(url, self.reason, str(self))
        vars(error).update(vars(self), url=url)
        return error

    @property
    def permanent(self) -> bool:
        """True where another try soon is of no use."""
        return self.reason in _LASTING


@dataclass(frozen=True, slots=True)
class Listing:
    """A source's words about itself, and the items that it lists, one an address.

    ``leads``: where a feed says that its older items are, by name of Feed's fields.
    ``kept`` are all addresses that it still leads to, where it is known to be whole:
    others it led to are given up.
    """

    title: str
    home: str
    items: tuple[Item, ...]
    leads: dict[str, str] = field(default_factory=dict)
    kept: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one address in a run, with the reason where it is no whole article."""

    url: str
    result: Result
    reason: Reason = ""
    detail: str = ""
    tried: bool = True  # False: not its turn, the index keeps what it stores


@dataclass(slots=True)
class Report:
    """The results of a run. ``sources`` pairs each with its error, "" if none; counted are
    ``unchanged`` (good, not looked at), without network, and ``left`` of silent hosts."""

    sources: list[tuple[SourceRecord, str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0
    reused: int = 0
    stopped: bool = False
    unreached_sources: int = 0
    unreached_pages: int = 0
    left: Counter[str] = field(default_factory=Counter)


class Progress(Protocol):
    """A display of how far a run is."""

    def begin(self, what: str, total: int) -> None: ...
    def advance(self, text: str) -> None: ...
    def embed(self, count: int) -> None: ...
    def end(self) -> None: ...
