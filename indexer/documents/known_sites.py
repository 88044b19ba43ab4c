"""Where a document is fetched, if not where people link to, and which address is its
own. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_RAW = "https://raw.githubusercontent.com"
# What stands on GitHub where an owner's name would.
_NO_OWNERS = re.compile(
    r"about|apps|collections|contact|customer-stories|enterprise|events|explore|features|join|login|marketplace|new"
    r"|notifications|orgs|pricing|readme|search|security|settings|site|solutions|sponsors|stars|team|topics"
    r"|trending|users"
)
_BLOB = re.compile(r"/([^/]+)/([^/]+)/(?:blob|raw|blame)/(.+)")
_TREE = re.compile(r"/([^/]+)/([^/]+)/tree/(.+?)/?")
_HOME = re.compile(r"/([\w-]+)/([\w.-]+?)(?:\.git)?/?")
# https://info.arxiv.org/help/arxiv_identifier.html: since 2007, and before.
_PAPER = re.compile(
    r"/(?:abs|pdf|html|format|ps|src|e-print)/(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?/?"
)
_DOI = re.compile(r"/10\.48550/arxiv\.(\d{4}\.\d{4,5})/?", re.IGNORECASE)
_PAPER_HOSTS = ("arxiv.org", "export.arxiv.org", "ar5iv.org", "ar5iv.labs.arxiv.org")
_GOOGLE = re.compile(r"/document/(?:u/\d+/)?d/([\w-]{15,})(?:/.*)?")
_SHOWN = re.compile(r"(?:/[^/]+)?/github(/[^/]+/[^/]+/blob/.+\.ipynb)")
_YOUTUBE = (
    "youtube.com",
    "m.youtube.com",
    "music.youtube.com",
    "youtube-nocookie.com",
    "youtu.be",
)
_VIDEO = re.compile(r"/(?:(?:shorts|live|embed|v)/)?([\w-]{11})/?")
_WATCHED = re.compile(r"(?:^|&)v=([\w-]{11})(?:&|$)")
_VIEWERS = ("colab.research.google.com", "nbviewer.org", "nbviewer.jupyter.org")


@dataclass(frozen=True, slots=True)
class _Place:
    own: str
    fetched: str


def fetch_address(url: str) -> str:
    """The address that gives the document behind a link: a raw file, an abstract, a
    text export.

    A repository's README is guessed; where it has another name, the page itself is
    still there.
    """
    place = _place(url)
    return place.fetched if place else url


def own_address(url: str) -> str:
    """The one address of a document that has several, "" where its page decides or it
    has but one."""
    place = _place(url)
    return place.own if place else ""


def _place(url: str) -> _Place | None:
    parts = urlsplit(url)
    host, path = (parts.hostname or "").removeprefix("www."), parts.path
    if host == "github.com":
        return _github(f"https://github.com{path}", path)
    if host in _PAPER_HOSTS and (paper := _PAPER.fullmatch(path)):
        return _paper(paper[1])
    if host == "doi.org" and (paper := _DOI.fullmatch(unquote(path))):
        return _paper(paper[1])
    if host == "docs.google.com" and (document := _GOOGLE.fullmatch(path)):
        own = f"https://docs.google.com/document/d/{document[1]}"
        return _Place(f"{own}/edit", f"{own}/export?format=txt")
    if host in _YOUTUBE and (
        video := _VIDEO.fullmatch(path) or _WATCHED.search(parts.query)
    ):
        own = f"https://www.youtube.com/watch?v={video[1]}"
        return _Place(own, own)
    if host in _VIEWERS and (shown := _SHOWN.fullmatch(path)):
        return _github(f"https://{host}{path}", shown[1])
    return None


def _github(own: str, path: str) -> _Place | None:
    if _NO_OWNERS.fullmatch(path.split("/")[1].lower()):
        return None
    if blob := _BLOB.fullmatch(path):
        return _Place(own, f"{_RAW}/{blob[1]}/{blob[2]}/{blob[3]}")
    if tree := _TREE.fullmatch(path):
        return _Place(own, f"{_RAW}/{tree[1]}/{tree[2]}/{tree[3]}/README.md")
    if home := _HOME.fullmatch(path):
        return _Place(
            f"https://github.com/{home[1]}/{home[2]}",
            f"{_RAW}/{home[1]}/{home[2]}/HEAD/README.md",
        )
    return None


def _paper(number: str) -> _Place:
    """All versions and forms of a paper are one article: its abstract's page."""
    own = f"https://arxiv.org/abs/{number}"
    return _Place(own, own)
