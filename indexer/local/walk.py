"""The files of a folder that may be posts: no links are followed, and what holds none
is not entered."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.local.site_config import Site
from indexer.text.markup import word_set

MARKDOWN = frozenset(
    [".md", ".markdown", ".mkd", ".mkdn", ".mdown", ".mdwn", ".mdx", ".qmd", ".rmd"]
)
HTML = frozenset([".html", ".htm", ".xhtml"])
SAVED = frozenset([".mhtml", ".mht"])
TEXT = frozenset([".txt", ".text", ".rst", ".org", ".adoc", ".asciidoc"])
DOCUMENTS = frozenset([".pdf", ".ipynb"])
ENDINGS = {
    "jekyll": MARKDOWN | HTML,
    "hugo": MARKDOWN | HTML | TEXT,
    "pelican": MARKDOWN | HTML | {".rst"},
    "eleventy": MARKDOWN | HTML,
    "obsidian": MARKDOWN,
    "plain": MARKDOWN | HTML | SAVED | TEXT | DOCUMENTS,
}
_NOT_ENTERED = word_set(
    """
    node_modules vendor bower_components __pycache__ venv env site-packages _site
    """
)
_OF_A_PAGE = (
    "_files",
    "_fichiers",
    "-dateien",
    ".files",
    "_archivos",
)  # what a browser saves beside a page
_DEEPEST = 60  # folders within folders; deeper ones are made by mistake


@dataclass(frozen=True, slots=True)
class File:
    """A file's own address (file://…), path below the site's root, and what changes
    when it does."""

    url: str
    path: str
    size: int
    stamp: str


@dataclass(slots=True)
class Walk:
    """``unread``: folders that could not be entered (addresses with a slash at their
    end), and why."""

    files: list[File] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


def walk(folder: Path, site: Site) -> Walk:
    """The files below ``folder`` that the site's software would read as posts, sorted
    by path."""
    found = Walk()
    root = Path(site.root)
    for start in _starts(folder, site):
        for entry in _entries(start, root, site, found):
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # gone while we looked
            path = Path(entry.path)
            stamp = f"{facts.st_mtime_ns}-{facts.st_size}"
            found.files.append(
                File(path.as_uri(), _below(path, root), facts.st_size, stamp)
            )
    found.files.sort(key=lambda file: file.path)
    return found


def _starts(folder: Path, site: Site) -> list[Path]:
    """The folders of posts within the folder, or the folder itself where it lies within
    one."""
    starts: list[Path] = []
    for content in site.content:
        place = Path(site.root, content)
        if folder.is_relative_to(place):
            starts.append(folder)
        elif place.is_relative_to(folder) and place.is_dir() and not place.is_symlink():
            starts.append(place)
    return list(dict.fromkeys(starts))


def _entries(
    start: Path, root: Path, site: Site, found: Walk
) -> Iterator[os.DirEntry[str]]:
    endings = ENDINGS[site.software]
    waiting = [(start, 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError as error:
            found.unread[f"{folder.as_uri()}/"] = error.strerror or "it can't be read"
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST and _is_entered(Path(entry.path), root, site):
                    waiting.append((Path(entry.path), depth + 1))
            elif os.path.splitext(entry.name)[1].lower() in endings and _is_listed(
                entry, root, site
            ):
                yield entry


def _is_entered(folder: Path, root: Path, site: Site) -> bool:
    name = folder.name.lower()
    if (
        name in _NOT_ENTERED
        or name.endswith(_OF_A_PAGE)
        or _below(folder, root) in site.skipped
    ):
        return False
    if site.software == "obsidian" or not name.startswith("_"):
        return True
    return site.software == "jekyll" and folder.name in _jekyll_folders(site)


def _is_listed(entry: os.DirEntry[str], root: Path, site: Site) -> bool:
    """Whether it is a regular file and, in Jekyll, lies among posts or in another
    published collection."""
    if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
        return False
    folders = _below(Path(entry.path), root).split("/")[:-1]
    return site.software != "jekyll" or bool(
        _jekyll_folders(site).intersection(folders)
    )


def _jekyll_folders(site: Site) -> set[str]:
    return {"_posts", *(f"_{name}" for name in site.options["collections"])}


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
