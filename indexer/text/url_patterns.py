"""The pattern of a site's post addresses, learnt from known posts, and what is no post
by name. Pure.

A segment of a path is a year, a number, a dated slug or a word; what all known posts
share in the same place (``/post/…``) is part of the pattern. Whether an address fits is
told in three degrees: "sure", where the pattern says more than "some word"; "plain",
where it doesn't (``/about/`` fits ``/my-first-post/``), so that more evidence is
wanted; None.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from indexer.text.page_names import FIXED, FOLDERS, LISTS, NEVER_POSTS

Fit = Literal["sure", "plain"]

_YEAR = re.compile(r"(?:19[89]|20\d)\d")
_DATED = re.compile(
    r"(?:(?:19|20)\d\d[-_.]?(?:0?[1-9]|1[0-2])[-_.]?)(?:[0-3]?\d[-_.]?)?[^\d].*"
)
_MONTH = re.compile(r"(?:19|20)\d\d[-_.](?:0[1-9]|1[0-2])")
_EXTENSION = re.compile(
    r"\.(?:html?|php\d?|aspx?|shtml|jsp|cgi|xhtml|md|txt)$", re.IGNORECASE
)
_OTHER_FILES = re.compile(
    r"\.(?:xml|rss|atom|rdf|json|opml|css|js|png|jpe?g|gif|svg|webp|avif|ico|pdf|zip|gz|tgz|bz2|mp[34]|ogg|webm"
    r"|woff2?|ics|epub|ps|ipynb|tar|dmg|exe|mov|wav|flac|bib|csv|sh|py|c|h|tex)$",
    re.IGNORECASE,
)
_USER = re.compile(r"/(?:[~@]|%7E|%40)[^/]+/", re.IGNORECASE)
_TWO_POSTS = 2  # a place that they share by chance only rarely
_RARE = 0.05  # of the known posts; a pattern that fewer fit is a page that strayed into the feed


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart: what kind each segment of its path is, its ending, its
    parameters."""

    segments: tuple[str, ...]
    kinds: tuple[str, ...]
    ending: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    kinds: tuple[str, ...]
    shared: tuple[str, ...]  # "" where the posts differ
    seen: tuple[frozenset[str], ...]  # what stood in each place but the last
    ending: str
    parameters: tuple[str, ...]

    @property
    def is_telling(self) -> bool:
        return bool(self.parameters) or any(self.shared) or self.is_dated

    @property
    def is_dated(self) -> bool:
        return any(kind != "word" for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class PostShapes:
    """The patterns of a site's posts; learn them with ``learn``."""

    patterns: tuple[_Pattern, ...] = ()
    # kinds of the folders above posts, those with a date
    folders: frozenset[tuple[str, ...]] = frozenset()

    def fit(self, url: str) -> Fit | None:
        """How well an address fits the posts; None too for what is no post by its
        name."""
        address = take_apart(url)
        if address is None:
            return None
        fits = [fit for pattern in self.patterns if (fit := _fit(address, pattern))]
        return "sure" if "sure" in fits else "plain" if fits else None

    def is_date_folder(self, url: str) -> bool:
        """Whether an address may list the posts of a year or a month: ``/2012/05/``,
        ``/2012_05.html``."""
        address = take_apart(url)
        if address is None or address.parameters or not address.kinds:
            return False
        if address.kinds[-1] == "month":
            return True
        return "year" in address.kinds and address.kinds in self.folders


def learn(urls: Iterable[str]) -> PostShapes:
    """The patterns behind the addresses of posts."""
    addresses = [
        address
        for url in urls
        if (address := take_apart(url)) and (address.segments or address.parameters)
    ]
    groups: defaultdict[tuple[object, ...], list[Address]] = defaultdict(list)
    for address in addresses:
        kinds = tuple("number" if k == "year" and _is_last(address, i) else k
                      for i, k in enumerate(address.kinds))  # fmt: skip
        groups[kinds, address.ending, address.parameters].append(address)
    fewest = 1 if len(addresses) < 4 else max(_TWO_POSTS, _RARE * len(addresses))
    patterns = [
        _pattern(group, len(addresses))
        for group in groups.values()
        if len(group) >= fewest
    ]
    folders = {
        address.kinds[:depth]
        for address in addresses
        for depth in range(1, len(address.kinds))
        if "year" in address.kinds[:depth]
    }
    return PostShapes(tuple(patterns), frozenset(folders))


def take_apart(url: str) -> Address | None:
    """An address by its parts, None for what isn't a page at all."""
    parts = urlsplit(url)
    if _OTHER_FILES.search(parts.path.rstrip("/")) and not parts.path.endswith("/"):
        return None
    segments = [
        unquote(segment).lower() for segment in parts.path.split("/") if segment
    ]
    ending = ""
    if segments and not parts.path.endswith("/"):
        match = _EXTENSION.search(segments[-1])
        if match:
            ending = match[0]
            segments[-1] = segments[-1][: match.start()]
            if segments[-1] == "index":
                segments.pop()
                ending = ""
    parameters = tuple(
        sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    )
    return Address(tuple(segments), tuple(map(_kind, segments)), ending, parameters)


def folders_of(url: str) -> list[str]:
    """The folders above an address, the nearest first, the site's root left out."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    root = f"{parts.scheme}://{parts.netloc}/"
    return [
        root + "/".join(segments[:depth]) + "/"
        for depth in range(len(segments) - 1, 0, -1)
    ]


def folder_of_blog(home: str, posts: Iterable[str]) -> str:
    """The folder that a blog has to itself on its host, "/" where that is the whole of
    it: the home page's or a user's own (``/~me/``, ``/@me/``), if all its posts lie in
    there."""
    paths = [urlsplit(url).path for url in posts]
    own = urlsplit(home).path.rpartition("/")[0] + "/"
    user = _USER.match(paths[0]) if paths else None
    for folder in (own, user[0] if user else "/"):
        if all(path.startswith(folder) for path in paths):
            return folder
    return "/"


def is_fixed_page(url: str) -> bool:
    """Whether an address is by its name a tag, an author, a search, a feed, an about
    page or the like."""
    address = take_apart(url)
    return address is None or _is_named_other(address)


def is_below_list(url: str) -> bool:
    """Whether an address lies in a folder of tags, categories, authors or the
    software's own files."""
    address = take_apart(url)
    return address is not None and any(
        segment in FOLDERS for segment in address.segments[:-1]
    )


def may_list_posts(url: str) -> bool:
    """Whether an address that is no post's may be that of a list of posts, such as a
    category's."""
    address = take_apart(url)
    if address is None or not address.segments or address.parameters:
        return False
    return address.segments[-1] not in FIXED or address.segments[-1] in LISTS


def _kind(segment: str) -> str:
    if segment.isascii() and segment.isdigit():
        return "year" if _YEAR.fullmatch(segment) else "number"
    if _MONTH.fullmatch(segment):
        return "month"
    return "dated" if _DATED.fullmatch(segment) else "word"


def _is_last(address: Address, place: int) -> bool:
    return place == len(address.kinds) - 1


def _pattern(group: Sequence[Address], total: int) -> _Pattern:
    first = group[0]
    depth = len(first.kinds)
    enough = len(group) >= _TWO_POSTS or total < _TWO_POSTS * 2
    shared, seen, kinds = [], [], []
    for place in range(depth):
        values = Counter(address.segments[place] for address in group)
        found = {address.kinds[place] for address in group}
        kind = (
            found.pop()
            if len(found) == 1
            else "number"
            if found <= {"year", "number"}
            else "word"
        )
        same = len(values) == 1 and place < depth - 1 and kind == "word" and enough
        kinds.append(kind)
        shared.append(next(iter(values)) if same else "")
        seen.append(frozenset(values) if place < depth - 1 else frozenset())
    return _Pattern(
        tuple(kinds), tuple(shared), tuple(seen), first.ending, first.parameters
    )


def _fit(address: Address, pattern: _Pattern) -> Fit | None:
    same_form = (
        len(address.kinds) == len(pattern.kinds)
        and address.ending == pattern.ending
        and address.parameters == pattern.parameters
        and bool(address.kinds or address.parameters)
    )
    if not same_form or not all(map(_is_kind, address.kinds, pattern.kinds)):
        return None
    exempt = frozenset(
        i for i, values in enumerate(pattern.seen) if address.segments[i] in values
    )
    # /post/music/ is a post
    fixed = FOLDERS | (LISTS | NEVER_POSTS if any(pattern.shared) else FIXED)
    if _is_named_other(address, exempt, fixed):
        return None
    at_shared = all(
        not s or s == a for s, a in zip(pattern.shared, address.segments, strict=True)
    )
    if at_shared:
        return "sure" if pattern.is_telling else "plain"
    return "sure" if pattern.is_dated else None


def _is_kind(kind: str, wanted: str) -> bool:
    return (
        kind == wanted
        or wanted == "word"
        or (wanted == "number" and kind in ("year", "number"))
    )


def _is_named_other(
    address: Address,
    exempt: frozenset[int] = frozenset(),
    fixed: frozenset[str] = FIXED | FOLDERS,
) -> bool:
    """``exempt`` are places at which known posts have the same."""
    last = len(address.segments) - 1
    for place, segment in enumerate(address.segments):
        if place < last and place not in exempt and segment in FOLDERS:
            return True
    dated = any(kind in ("year", "dated", "number") for kind in address.kinds)
    return last >= 0 and not dated and address.segments[last] in fixed
