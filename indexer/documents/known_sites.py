"""The addresses of documents on sites that give one under several: GitHub, Google Docs,
YouTube, notebook viewers, and those of papers.

Fetches nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from indexer.documents.paper_sites import paper_of

_RAW = "https://raw.githubusercontent.com"
# What stands on GitHub where an owner's name would.
_NO_OWNERS = re.compile(
    r"about|apps|collections|contact|customer-stories|enterprise|events|explore|features|join|login|marketplace|new"
    r"|notifications|orgs|pricing|readme|search|security|settings|site|solutions|sponsors|stars|team|topics"
    r"|trending|users"
)
# A file, a folder and a repository on GitHub.
_BLOB = re.compile(r"/([^/]+)/([^/]+)/(?:blob|raw|blame)/(.+)")
_TREE = re.compile(r"/([^/]+)/([^/]+)/tree/(.+?)/?")
_HOME = re.compile(r"/([\w-]+)/([\w.-]+?)(?:\.git)?/?")
_GOOGLE = re.compile(r"/document/(?:u/\d+/)?d/([\w-]{15,})(?:/.*)?")
# A notebook on GitHub, as viewers name it.
_SHOWN = re.compile(r"(?:/[^/]+)?/github(/[^/]+/[^/]+/blob/.+\.ipynb)")
# The id of a video in an address of its own, and in that of the player.
_VIDEO = re.compile(r"/(?:(?:shorts|live|embed|v)/)?([\w-]{11})/?")
_WATCHED = re.compile(r"(?:^|&)v=([\w-]{11})(?:&|$)")


@dataclass(frozen=True, slots=True)
class _Place:
    """The one address of a document, and the one that it is fetched from."""

    own: str
    fetched: str


def fetch_address(url: str) -> str:
    """Return the address that gives the document behind a link: a raw file, an
    abstract, a text export.

    A repository's README is guessed; where it has another name, the page itself is
    still there.
    """
    return _place(url).fetched


def own_address(url: str) -> str:
    """Return the one address of a document that has several, "" where its page decides
    or it has but one."""
    return _place(url).own


def _place(url: str) -> _Place:
    parts = urlsplit(url)
    read = _SITES.get((parts.hostname or "").removeprefix("www."))
    place = read(parts) if read else None
    if paper := paper_of(url):
        place = _Place(paper.own, paper.own)
    return place or _Place("", url)


def _on_github(parts: SplitResult) -> _Place | None:
    return _github_file(f"https://github.com{parts.path}", parts.path)


def _on_viewer(parts: SplitResult) -> _Place | None:
    host = (parts.hostname or "").removeprefix("www.")
    shown = _SHOWN.fullmatch(parts.path)
    if shown:
        return _github_file(f"https://{host}{parts.path}", shown[1])
    return None


def _github_file(own: str, path: str) -> _Place | None:
    if _NO_OWNERS.fullmatch(path.split("/")[1].lower()):
        return None
    if blob := _BLOB.fullmatch(path):
        return _Place(own, "/".join((_RAW, *blob.groups())))
    if tree := _TREE.fullmatch(path):
        return _Place(own, "/".join((_RAW, *tree.groups(), "README.md")))
    if home := _HOME.fullmatch(path):
        repository = "/".join(home.groups())
        fetched = f"{_RAW}/{repository}/HEAD/README.md"
        return _Place(f"https://github.com/{repository}", fetched)
    return None


def _on_google_docs(parts: SplitResult) -> _Place | None:
    document = _GOOGLE.fullmatch(parts.path)
    if document is None:
        return None
    own = f"https://docs.google.com/document/d/{document[1]}"
    return _Place(f"{own}/edit", f"{own}/export?format=txt")


def _on_youtube(parts: SplitResult) -> _Place | None:
    video = _VIDEO.fullmatch(parts.path) or _WATCHED.search(parts.query)
    if video is None:
        return None
    own = f"https://www.youtube.com/watch?v={video[1]}"
    return _Place(own, own)


_SITES = {
    "github.com": _on_github,
    "colab.research.google.com": _on_viewer,
    "nbviewer.org": _on_viewer,
    "nbviewer.jupyter.org": _on_viewer,
    "docs.google.com": _on_google_docs,
    "youtube.com": _on_youtube,
    "m.youtube.com": _on_youtube,
    "music.youtube.com": _on_youtube,
    "youtube-nocookie.com": _on_youtube,
    "youtu.be": _on_youtube,
}
