"""An address taken apart: the kind of each segment of its path, its folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

SegmentKind = Literal["year", "month", "dated", "number", "word"]

# The first that fits a whole segment; any other is a word.
_KINDS: tuple[tuple[SegmentKind, re.Pattern[str]], ...] = (
    ("year", re.compile(r"(?:19[89]|20[0-9])[0-9]")),
    ("number", re.compile(r"[0-9]+")),
    ("month", re.compile(r"(?:19|20)\d\d[-_.](?:0[1-9]|1[0-2])")),
    (
        "dated",
        re.compile(
            r"(?:19|20)\d\d[-_.]?(?:0?[1-9]|1[0-2])[-_.]?(?:[0-3]?\d[-_.]?)?[^\d].*"
        ),
    ),
)
_EXTENSION = re.compile(
    r"\.(?:html?|php\d?|aspx?|shtml|jsp|cgi|xhtml|md|txt)$", re.IGNORECASE
)
_OTHER_FILES = re.compile(
    r"\.(?:xml|rss|atom|rdf|json|opml|css|js|png|jpe?g|gif|svg|webp|avif|ico|pdf|zip|gz|tgz|bz2|mp[34]|ogg|webm"
    r"|woff2?|ics|epub|ps|ipynb|tar|dmg|exe|mov|wav|flac|bib|csv|sh|py|c|h|tex)$",
    re.IGNORECASE,
)
_USER = re.compile(r"/(?:[~@]|%7E|%40)[^/]+/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UrlParts:
    """The segments of a path in lower case, the kind of each, its ending (".html"), and
    the names of the parameters."""

    segments: tuple[str, ...]
    kinds: tuple[SegmentKind, ...]
    ending: str
    parameters: tuple[str, ...]

    @property
    def is_home(self) -> bool:
        return not self.segments and not self.parameters

    @property
    def name(self) -> str:
        """The last segment, "" for a home page."""
        if self.segments:
            return self.segments[-1]
        return ""


def take_apart(url: str) -> UrlParts | None:
    """Return the parts of a page's address, None for another file's (an image, a
    feed)."""
    parts = urlsplit(url)
    if _OTHER_FILES.search(parts.path):
        return None
    written = filter(None, parts.path.split("/"))
    segments = [unquote(segment).lower() for segment in written]
    ending = ""
    if segments and not parts.path.endswith("/"):
        segments[-1], ending = _without_ending(segments[-1])
        # /a/index.html is the page /a/.
        if ending and segments[-1] == "index":
            segments.pop()
            ending = ""
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return UrlParts(tuple(segments), tuple(map(_kind, segments)), ending, tuple(names))


def _without_ending(name: str) -> tuple[str, str]:
    match = _EXTENSION.search(name)
    if match is None:
        return name, ""
    return name[: match.start()], match[0]


def _kind(segment: str) -> SegmentKind:
    # A number of four digits may be a year, and is one until posts say otherwise.
    for kind, shape in _KINDS:
        if shape.fullmatch(segment):
            return kind
    return "word"


def folders_of(url: str) -> list[str]:
    """Return the folders above an address, the nearest first, without the site's
    root."""
    parts = urlsplit(url)
    segments = list(filter(None, parts.path.split("/")))
    root = f"{parts.scheme}://{parts.netloc}/"
    depths = range(len(segments) - 1, 0, -1)
    return [root + "/".join(segments[:depth]) + "/" for depth in depths]


def folder_of_blog(home: str, posts: Iterable[str]) -> str:
    """Return the folder that a blog has to itself on its host: the home page's or a
    user's own (``/~me/``, ``/@me/``), if all its posts lie in there.

    "/" where the blog is all there is.
    """
    paths = [urlsplit(url).path for url in posts]
    folders = [urlsplit(home).path.rpartition("/")[0] + "/"]
    user = _USER.match(paths[0]) if paths else None
    if user:
        folders.append(user[0])
    for folder in folders:
        if all(path.startswith(folder) for path in paths):
            return folder
    return "/"
