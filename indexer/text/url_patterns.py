"""The patterns of a site's post addresses, learnt from known posts.

A segment of a path is a year, a number, a dated slug or a word; what all known posts
share in the same place (``/post/…``) is part of the pattern. Nothing is fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
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
    """The form that the addresses of one kind of posts have in common.

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

    @property
    def is_telling(self) -> bool:
        return self.is_dated or any(self.shared) or bool(self.parameters)

    def fit(self, parts: UrlParts) -> Fit | None:
        if not self._has_form(parts) or self._has_other_name(parts):
            return None
        if self._shares_names(parts):
            if self.is_telling:
                return "sure"
            return "plain"
        if self.is_dated:
            return "sure"
        return None

    def _shares_names(self, parts: UrlParts) -> bool:
        pairs = zip(self.shared, parts.segments, strict=True)
        return all(shared in ("", segment) for shared, segment in pairs)

    def _has_form(self, parts: UrlParts) -> bool:
        form = (len(parts.kinds), parts.ending, parts.parameters)
        if parts.is_home or form != (len(self.kinds), self.ending, self.parameters):
            return False
        return all(map(_is_kind, parts.kinds, self.kinds))

    def _has_other_name(self, parts: UrlParts) -> bool:
        known: set[int] = set()
        for place, name in enumerate(parts.segments):
            if name in self.seen[place]:
                known.add(place)
        # In a folder of posts "music" is a post, at the root of a site it is none.
        fixed = FIXED
        if any(self.shared):
            fixed = LISTS | NEVER_POSTS
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
    groups: defaultdict[tuple[object, ...], list[UrlParts]] = defaultdict(list)
    folders: set[tuple[SegmentKind, ...]] = set()
    for url in urls:
        parts = take_apart(url)
        if parts is not None and not parts.is_home:
            groups[_form(parts)].append(parts)
            folders |= _date_folders(parts.kinds)
    total = sum(map(len, groups.values()))
    fewest = 1
    if total >= _FEW_POSTS:
        fewest = max(_TWO_POSTS, ceil(_RARE * total))
    patterns = [
        _pattern(group, total) for group in groups.values() if len(group) >= fewest
    ]
    return PostPatterns(tuple(patterns), frozenset(folders))


def _date_folders(
    kinds: tuple[SegmentKind, ...],
) -> set[tuple[SegmentKind, ...]]:
    above = kinds[:-1]
    if "year" not in above:
        return set()
    first = above.index("year") + 1
    return {above[:depth] for depth in range(first, len(above) + 1)}


def _form(parts: UrlParts) -> tuple[object, ...]:
    """Return what the addresses of one pattern share; a post called 1984 is none of a
    year."""
    kinds = parts.kinds
    if kinds[-1:] == ("year",):
        kinds = (*kinds[:-1], "number")
    return kinds, parts.ending, parts.parameters


def _pattern(group: Sequence[UrlParts], total: int) -> _Pattern:
    enough = len(group) >= _TWO_POSTS or total < _FEW_POSTS
    last = len(group[0].segments) - 1
    kinds: list[SegmentKind] = []
    shared: list[str] = []
    seen: list[frozenset[str]] = []
    for place in range(last + 1):
        kind = _common_kind({parts.kinds[place] for parts in group})
        names = frozenset(parts.segments[place] for parts in group)
        if place == last:
            names = frozenset()
        is_shared = enough and kind == "word" and len(names) == 1
        kinds.append(kind)
        shared.append(min(names) if is_shared else "")
        seen.append(names)
    return _Pattern(
        tuple(kinds),
        tuple(shared),
        tuple(seen),
        group[0].ending,
        group[0].parameters,
    )


def _common_kind(kinds: set[SegmentKind]) -> SegmentKind:
    if len(kinds) == 1:
        return kinds.pop()
    if kinds <= _NUMBERS:
        return "number"
    return "word"


def _is_kind(kind: str, wanted: str) -> bool:
    if wanted == "number":
        return kind in _NUMBERS
    return wanted in (kind, "word")
