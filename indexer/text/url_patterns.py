"""The patterns of a site's post addresses, learnt from known posts.

A segment of a path is a year, a number, a dated slug or a word; what all known posts
share in the same place (``/post/…``) is part of the pattern. Nothing is fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from indexer.text.page_names import (
    FIXED,
    FOLDERS,
    LISTS,
    NEVER_POSTS,
    is_named_other,
)
from indexer.text.url_parts import SegmentKind, UrlParts, take_apart

Fit = Literal["sure", "plain"]

_TWO_POSTS = 2  # a place that they share by chance only rarely
_FEW_POSTS = 4  # of fewer each is a pattern
# Of the known posts; what fewer fit is a page that strayed into the feed.
_RARE = 0.05
_NUMBERS = frozenset({"year", "number"})


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What the addresses of one kind of posts have in common.

    ``shared`` is by place, "" where the posts differ; ``seen`` what stood in each place
    but the last.
    """

    kinds: tuple[SegmentKind, ...]
    shared: tuple[str, ...]
    seen: tuple[frozenset[str], ...]
    ending: str
    parameters: tuple[str, ...]

    @property
    def is_dated(self) -> bool:
        return any(kind != "word" for kind in self.kinds)

    def fit(self, parts: UrlParts) -> Fit | None:
        if not self._has_form(parts) or self._has_other_name(parts):
            return None
        pairs = zip(self.shared, parts.segments, strict=True)
        if not all(shared in ("", segment) for shared, segment in pairs):
            return "sure" if self.is_dated else None
        is_telling = self.is_dated or any(self.shared) or bool(self.parameters)
        return "sure" if is_telling else "plain"

    def _has_form(self, parts: UrlParts) -> bool:
        form = (len(parts.kinds), parts.ending, parts.parameters)
        if parts.is_home or form != (len(self.kinds), self.ending, self.parameters):
            return False
        return all(map(_is_kind, parts.kinds, self.kinds))

    def _has_other_name(self, parts: UrlParts) -> bool:
        places = enumerate(zip(self.seen, parts.segments, strict=True))
        known = {place for place, (names, name) in places if name in names}
        # In a folder of posts "music" is a post, at the root of a site it is none.
        fixed = LISTS | NEVER_POSTS if any(self.shared) else FIXED
        return is_named_other(parts, fixed | FOLDERS, exempt=known)


@dataclass(frozen=True, slots=True)
class PostPatterns:
    """The patterns of a site's posts; learn them with ``learn_patterns``.

    ``date_folders`` are the kinds of the folders above posts, where a year is among
    them.
    """

    patterns: tuple[_Pattern, ...] = ()
    date_folders: frozenset[tuple[SegmentKind, ...]] = frozenset()

    def fit(self, url: str) -> Fit | None:
        """Say how well an address fits the posts.

        "sure" where the pattern says more than "some word", "plain" where it doesn't
        (``/about/`` fits ``/my-first-post/``), so that more evidence is wanted. None
        too for what is no post by its name.
        """
        parts = take_apart(url)
        if parts is None:
            return None
        fits = {pattern.fit(parts) for pattern in self.patterns}
        fits.discard(None)
        return max(fits, default=None, key=lambda fit: fit == "sure")

    def is_date_folder(self, url: str) -> bool:
        """Say if an address may list the posts of a year or a month: ``/2012/05/``,
        ``/2012_05.html``."""
        parts = take_apart(url)
        if parts is None or parts.parameters:
            return False
        return parts.kinds[-1:] == ("month",) or parts.kinds in self.date_folders


def learn_patterns(urls: Iterable[str]) -> PostPatterns:
    """Learn the patterns behind the addresses of posts."""
    known = [parts for url in urls if (parts := take_apart(url)) and not parts.is_home]
    groups: defaultdict[tuple[object, ...], list[UrlParts]] = defaultdict(list)
    folders: set[tuple[SegmentKind, ...]] = set()
    for parts in known:
        groups[_form(parts)].append(parts)
        depths = range(1, len(parts.kinds))
        folders |= {parts.kinds[:depth] for depth in depths}
    fewest: float = 1
    if len(known) >= _FEW_POSTS:
        fewest = max(_TWO_POSTS, _RARE * len(known))
    return PostPatterns(
        tuple(
            _pattern(group, len(known))
            for group in groups.values()
            if len(group) >= fewest
        ),
        frozenset(kinds for kinds in folders if "year" in kinds),
    )


def _form(parts: UrlParts) -> tuple[object, ...]:
    """Return what the addresses of one pattern share; a post called 1984 is none of a
    year."""
    kinds = parts.kinds
    if kinds[-1:] == ("year",):
        kinds = (*kinds[:-1], "number")
    return kinds, parts.ending, parts.parameters


def _pattern(group: Sequence[UrlParts], total: int) -> _Pattern:
    first = group[0]
    enough = len(group) >= _TWO_POSTS or total < _FEW_POSTS
    names = [
        frozenset(column) for column in zip(*(p.segments for p in group), strict=True)
    ]
    kinds = tuple(
        _common_kind(set(column))
        for column in zip(*(p.kinds for p in group), strict=True)
    )
    shared = [
        min(column) if enough and kind == "word" and len(column) == 1 else ""
        for column, kind in zip(names[:-1], kinds, strict=False)
    ]
    last = [""] if names else []
    seen = [*names[:-1], *map(frozenset, last)]
    return _Pattern(
        kinds, (*shared, *last), tuple(seen), first.ending, first.parameters
    )


def _common_kind(kinds: set[SegmentKind]) -> SegmentKind:
    if len(kinds) == 1:
        return kinds.pop()
    return "number" if kinds <= _NUMBERS else "word"


def _is_kind(kind: str, wanted: str) -> bool:
    if wanted == "number":
        return kind in _NUMBERS
    return wanted in (kind, "word")
