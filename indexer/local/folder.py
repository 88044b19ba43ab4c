"""Scans of a folder: new and changed files are read, lost ones reported, the rest costs
nothing."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from indexer.fetch.local_files import path_of
from indexer.local.posts import ScannedFile, scan_file
from indexer.local.site_config import StaticSite
from indexer.local.static_site import read_site
from indexer.local.walk import CandidateFile, WalkResult, walk
from indexer.records import FileRecord, Item, LeftOut, SourceRecord
from indexer.runtime.parser_pool import ParseError, Workers
from search.errors import BlogsearchError

# Of the rules for posts and their addresses; another number has every file scanned
# again. 2: no address for the rarer permalinks.
RULES_VERSION = "2"
BATCH = 50  # files that a worker scans in one go
# For the log.
LEFT_OUT_WORDS: dict[LeftOut, str] = {
    "empty": "it is empty",
    "draft": "it is a draft",
    "named-otherwise": "by its name it is no post",
    "list": "it is a list of posts",
    "not-collected": "it is not among the site's posts",
    "site-page": "it is a page of the site, not a post",
    "future": "it is dated a day to come",
    "same-address": "another file of the folder has its address",
    "deleted": "it was deleted, or is junk",
    "automatic": "it reports a delivery, or a machine answered",
    "encrypted": "it is encrypted (PGP or S/MIME), and can't be read",
    "other": "it is no post",
}
log = logging.getLogger(__name__)


class FolderError(BlogsearchError):
    """A folder that can't be read, or in which there is nothing to read."""


@dataclass(frozen=True, slots=True)
class FolderScan:
    """The result of a scan: the title of the folder and the address of its site, "" for
    what is not known. ``items`` are those of new and changed files, ``files`` all as
    they are now.

    ``digest`` stands for the settings and rules by which they were read. ``trouble``
    names what could not be read this time; what is stored of it stays.
    """

    title: str
    home: str
    digest: str
    items: tuple[Item, ...] = ()
    files: dict[str, FileRecord] = field(default_factory=dict)
    trouble: str = ""


def find_site(url: str, workers: Workers) -> StaticSite:
    """Return the site in a folder. Raises FolderError where no file of it may be a
    post."""
    path = existing_folder(url)
    site = workers.run(read_site, str(path))
    if not walk(path, site).files:
        raise FolderError(
            f"{path} holds no posts: no Markdown or HTML file that is one by its place "
            "and name."
        )
    return site


def scan_folder(
    source: SourceRecord, known: Mapping[str, FileRecord], workers: Workers, today: date
) -> FolderScan:
    """Scan the folder, given its files as they were. Raises FolderError where it is
    gone."""
    path = existing_folder(source.url)
    site = workers.run(read_site, str(path))
    # The settings of the site are rules too.
    rules = f"{RULES_VERSION} {site}".encode("utf-8", "replace")
    digest = hashlib.sha256(rules).hexdigest()
    walked = walk(path, site)
    # A disk that is not mounted leaves an empty folder; forgetting all would be wrong.
    if known and not walked.files:
        raise FolderError(
            f"{path} is empty, though it held {len(known)} files: perhaps a disk is not "
            "mounted. Nothing is forgotten; if it is meant to be empty: "
            "blog-indexer remove"
        )
    # Other settings may move every post.
    changed = walked.files
    if digest == source.body_hash:
        changed = [file for file in walked.files if not _is_unchanged(file, known)]
    scanned = {each.url: each for each in _scan(changed, site, today, workers)}
    items, files = _merge_scans(walked, known, scanned)
    _log_summary(path, site, files)
    unread = {url: scan.unread for url, scan in scanned.items() if scan.unread}
    trouble = trouble_of(walked.unread, unread, known)
    return FolderScan(site.title, site.home, digest, items, files, trouble)


def scan_files(
    files: Sequence[CandidateFile], site: StaticSite, today: date
) -> list[ScannedFile]:
    """Scan several files in one go; runs in a worker."""
    return [scan_file(file, site, today) for file in files]


def existing_folder(url: str) -> Path:
    """Return the path of a folder. Raises FolderError where it is gone."""
    path = path_of(url)
    if not path.is_dir():
        raise FolderError(
            f"The folder {path} isn't there; perhaps a disk is not mounted. Nothing of "
            "it is forgotten; if it is gone for good: blog-indexer remove"
        )
    return path


def _is_unchanged(file: CandidateFile, known: Mapping[str, FileRecord]) -> bool:
    return file.url in known and known[file.url].stamp == file.stamp


def _scan(
    files: Sequence[CandidateFile], site: StaticSite, today: date, workers: Workers
) -> Iterator[ScannedFile]:
    """Scan in batches; one that takes too long or breaks its worker is done file by
    file."""
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        try:
            yield from workers.run(scan_files, batch, site, today)
        except ParseError:
            # One hostile file must not cost the others of its batch.
            for file in batch:
                yield _scan_alone(file, site, today, workers)


def _scan_alone(
    file: CandidateFile, site: StaticSite, today: date, workers: Workers
) -> ScannedFile:
    try:
        return workers.run(scan_file, file, site, today)
    except ParseError as error:
        return ScannedFile(file.url, unread=f"{error}.")


def _merge_scans(
    walked: WalkResult,
    known: Mapping[str, FileRecord],
    scanned: Mapping[str, ScannedFile],
) -> tuple[tuple[Item, ...], dict[str, FileRecord]]:
    """The new items and all files; of two with one address, the first by path is the
    article."""
    items: dict[str, Item] = {}
    files: dict[str, FileRecord] = {}
    taken: set[str] = set()
    for file in walked.files:
        record, item = _file_record(file, known.get(file.url), scanned.get(file.url))
        if record.url in taken:
            # Without a stamp it is scanned each time: the other file may go.
            record = FileRecord(file.url, "", left_out="same-address")
        elif record.url:
            taken.add(record.url)
            if item is not None:
                items[item.url] = item
        files[file.url] = record
    for folder in walked.unread:  # all in them stay as they were
        for url, before in known.items():
            if url.startswith(folder):
                files[url] = before
    return tuple(items.values()), files


def _file_record(
    file: CandidateFile, before: FileRecord | None, scan: ScannedFile | None
) -> tuple[FileRecord, Item | None]:
    """The file as it is to be remembered, and its item where that may be new."""
    if scan is None:  # it hasn't changed
        return before or FileRecord(file.url, ""), None
    item = scan.item
    if scan.unread:
        # A post that is known stays as it is; a new one is listed, so that its failure
        # is seen.
        if before is not None and before.url:
            return replace(before, stamp="", left_out=""), None
        item = Item(url=file.url, file=file.url, version=scan.unread)
    stamp = "" if scan.again else file.stamp
    address = item.url if item else ""
    return FileRecord(file.url, stamp, address, scan.left_out), item


def trouble_of(
    folders: Mapping[str, str],
    files: Mapping[str, str],
    known: Mapping[str, FileRecord],
) -> str:
    """Return a sentence on folders and known posts that can't be read, "" for none.

    Both are reasons by address.
    """
    unread = dict(folders)
    for url, reason in files.items():
        if url in known and known[url].url:
            unread[url] = reason
    if not unread:
        return ""
    url, reason = next(iter(unread.items()))
    more = ""
    if len(unread) > 1:
        more = f" and {len(unread) - 1} more"
    return (
        f"{path_of(url)}{more} can't be read ({reason.rstrip('.')}); what was held of "
        "it stays."
    )


def _log_summary(path: Path, site: StaticSite, files: Mapping[str, FileRecord]) -> None:
    """Log how many posts there are, and why other files are none."""
    posts, left_out = counted(files)
    if site.home:
        where = f"as {site.home}"
    else:
        where = "under their files' own addresses"
    log.info("%s (%s): %d posts %s%s", path, site.software, posts, where, left_out)


def counted(files: Mapping[str, FileRecord]) -> tuple[int, str]:
    """Count the posts, and say of the other files how many there are and why."""
    reasons: Counter[str] = Counter()
    posts = 0
    for record in files.values():
        if record.left_out:
            reasons[LEFT_OUT_WORDS[record.left_out]] += 1
        if record.url:
            posts += 1
    left_out = ", ".join(
        f"{count} ({reason})" for reason, count in reasons.most_common()
    )
    return posts, f"; left out: {left_out}" if left_out else ""
