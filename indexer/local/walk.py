"""The files of a folder that may be posts.

No links are followed, and folders without posts are not entered.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.local.site_config import StaticSite
from indexer.text.markup import word_set

MARKDOWN = frozenset(
    [".md", ".markdown", ".mkd", ".mkdn", ".mdown", ".mdwn", ".mdx", ".qmd", ".rmd"]
)
HTML = frozenset([".html", ".htm", ".xhtml"])
SAVED = frozenset([".mhtml", ".mht"])
TEXT = frozenset([".txt", ".text", ".rst", ".org", ".adoc", ".asciidoc"])
DOCUMENTS = frozenset([".pdf", ".ipynb"])
# The endings that each software reads as posts.
ENDINGS = {
    "jekyll": MARKDOWN | HTML,
    "hugo": MARKDOWN | HTML | TEXT,
    "pelican": MARKDOWN | HTML | {".rst"},
    "eleventy": MARKDOWN | HTML,
    "obsidian": MARKDOWN,
    "plain": MARKDOWN | HTML | SAVED | TEXT | DOCUMENTS,
}
# Programs that others wrote, and sites that were built.
_NOT_ENTERED = word_set(
    """
    node_modules vendor bower_components __pycache__ venv env site-packages _site
    """
)
# What a browser saves beside a page, in several languages.
_PAGE_FILES = ("_files", "_fichiers", "-dateien", ".files", "_archivos")
_DEEPEST = 60  # folders within folders; deeper ones are made by mistake


@dataclass(frozen=True, slots=True)
class CandidateFile:
    """A file that may be a post: its own address (file://…), its path below the site's
    root, its size in bytes, and a stamp that changes when the file does."""

    url: str
    path: str
    size: int
    stamp: str

    @property
    def folders(self) -> list[str]:
        return self.path.split("/")[:-1]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.rpartition("/")[2].rpartition(".")[0]

    @property
    def ending(self) -> str:
        """The ending of the file's name in lower case, with its dot."""
        return f".{self.path.rpartition('.')[2].lower()}"


@dataclass(slots=True)
class WalkResult:
    """The files, and the folders that could not be entered: the reasons by their
    addresses, which have a slash at their end."""

    files: list[CandidateFile] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


def walk(folder: Path, site: StaticSite) -> WalkResult:
    """Find the files below ``folder`` that the site's software would read as posts,
    sorted by path."""
    found = WalkResult()
    root = Path(site.root)
    for start in _content_folders(folder, site):
        for entry in _entries(start, site, found.unread):
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # it went while the folder was read
            path = Path(entry.path)
            # Cheap to compare: a file with the stamp that is known is not read.
            stamp = f"{facts.st_mtime_ns}-{facts.st_size}"
            found.files.append(
                CandidateFile(path.as_uri(), _below(path, root), facts.st_size, stamp)
            )
    # Of two files with one address the first is the article: always the same one.
    found.files.sort(key=lambda file: file.path)
    return found


def _content_folders(folder: Path, site: StaticSite) -> list[Path]:
    """The folders of posts within the folder, or the folder itself where it lies within
    one."""
    starts: list[Path] = []
    # A link as a folder of posts could lead out of the folder.
    for content in site.content:
        place = Path(site.root, content)
        if folder.is_relative_to(place):
            starts.append(folder)
        elif place.is_relative_to(folder) and place.is_dir() and not place.is_symlink():
            starts.append(place)
    return list(dict.fromkeys(starts))


def _entries(
    start: Path, site: StaticSite, unread: dict[str, str]
) -> Iterator[os.DirEntry[str]]:
    """The regular files that may be posts; folders that can't be read are added to
    ``unread``."""
    waiting = [(start, 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            with os.scandir(folder) as listed:
                entries = [entry for entry in listed if not _is_passed_over(entry)]
        except OSError as error:
            unread[f"{folder.as_uri()}/"] = error.strerror or "it can't be read"
            continue
        for entry in entries:
            # Breadth does not matter: the files are sorted at the end.
            if not entry.is_dir(follow_symlinks=False):
                if _is_candidate(entry, site):
                    yield entry
            elif depth < _DEEPEST and _is_entered(Path(entry.path), site):
                waiting.append((Path(entry.path), depth + 1))


def _is_passed_over(entry: os.DirEntry[str]) -> bool:
    return entry.name.startswith(".") or entry.is_symlink()


def _is_entered(folder: Path, site: StaticSite) -> bool:
    name = folder.name.lower()
    without_posts = (
        name in _NOT_ENTERED,
        name.endswith(_PAGE_FILES),
        _below(folder, Path(site.root)) in site.skipped,
    )
    if any(without_posts):
        return False
    if site.software == "obsidian" or not name.startswith("_"):
        return True
    # Underlined folders are the software's own, but for Jekyll's collections.
    return site.software == "jekyll" and folder.name in _jekyll_folders(site)


def _is_candidate(entry: os.DirEntry[str], site: StaticSite) -> bool:
    ending = os.path.splitext(entry.name)[1].lower()
    if ending not in ENDINGS[site.software]:
        return False
    # Reading a pipe or a device would wait for ever.
    if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
        return False
    if site.software != "jekyll":
        return True
    # Jekyll's posts and collections lie in folders of their own, beside its pages.
    folders = _below(Path(entry.path), Path(site.root)).split("/")[:-1]
    return not _jekyll_folders(site).isdisjoint(folders)


def _jekyll_folders(site: StaticSite) -> set[str]:
    return {"_posts", *(f"_{name}" for name in site.options["collections"])}


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
