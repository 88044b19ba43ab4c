"""One look at a folder: new and changed files are read, what is gone is told, the rest
costs nothing."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from indexer.fetch.local_files import path_of
from indexer.local.posts import Seen, describe
from indexer.local.site_config import Site, read_site
from indexer.local.walk import File, Walk, walk
from indexer.records import FileRecord, Item, LeftOut, SourceRecord
from indexer.runtime.parser_pool import ParseError, Workers
from search.errors import BlogsearchError

READER = "1"  # another number has every file read again
BATCH = 50  # files that a worker looks at in one go
LEFT_OUT_WORDS: dict[LeftOut, str] = {
    "empty": "it is empty",
    "draft": "it is a draft",
    "named-otherwise": "by its name it is no post",
    "list": "it is a list of posts",
    "not-collected": "it is not among the site's posts",
    "site-page": "it is a page of the site, not a post",
    "future": "it is dated a day to come",
    "same-address": "another file of the folder has its address",
    "other": "it is no post",
}
log = logging.getLogger(__name__)


class FolderError(BlogsearchError):
    """The folder can't be read, or holds nothing to read."""


@dataclass(frozen=True, slots=True)
class Look:
    """``items`` are those of new and changed files, ``files`` all as they are now.
    ``trouble`` names what could not be read this time; what is held of it stays."""

    site: Site
    digest: str
    items: tuple[Item, ...] = ()
    files: dict[str, FileRecord] = field(default_factory=dict)
    trouble: str = ""


def find_posts(url: str, workers: Workers) -> Site:
    """The site in a folder that may hold posts. Raises FolderError where no file of it
    may be one."""
    path = _folder(url)
    site = workers.run(read_site, str(path))
    if not walk(path, site).files:
        raise FolderError(
            f"{path} holds no posts: no Markdown or HTML file that is one by its place and name."
        )
    return site


def look(
    source: SourceRecord, known: Mapping[str, FileRecord], workers: Workers, today: date
) -> Look:
    """What the folder holds now, given its files as they were. Raises FolderError where
    it is gone."""
    path = _folder(source.url)
    site = workers.run(read_site, str(path))
    digest = hashlib.sha256(f"{READER} {site}".encode("utf-8", "replace")).hexdigest()
    walked = walk(path, site)
    if known and not walked.files:
        raise FolderError(
            f"{path} is empty, though it held {len(known)} files: perhaps a disk is not mounted. Nothing is "
            "forgotten; if it is meant to be empty: blog-indexer remove"
        )
    same = digest == source.body_hash
    seen = dict(
        _seen(
            [f for f in walked.files if not (same and _is_as_known(f, known))],
            site,
            today,
            workers,
        )
    )
    items, files = _merged(walked, known, seen)
    _tell(path, site, files)
    return Look(site, digest, items, files, _trouble(path, walked, known, seen))


def describe_all(files: Sequence[File], site: Site, today: date) -> list[Seen]:
    """Several files in one go; runs in a worker."""
    return [describe(file, site, today) for file in files]


def _folder(url: str) -> Path:
    path = path_of(url)
    if not path.is_dir():
        raise FolderError(
            f"The folder {path} isn't there; perhaps a disk is not mounted. Nothing of it is forgotten; "
            "if it is gone for good: blog-indexer remove"
        )
    return path


def _is_as_known(file: File, known: Mapping[str, FileRecord]) -> bool:
    return file.url in known and known[file.url].stamp == file.stamp


def _seen(
    files: Sequence[File], site: Site, today: date, workers: Workers
) -> Iterator[tuple[str, Seen]]:
    """The files by address; a batch that takes too long or breaks its worker is done
    file by file."""
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        try:
            found = workers.run(describe_all, batch, site, today)
        except ParseError:
            found = [_one(file, site, today, workers) for file in batch]
        yield from ((seen.url, seen) for seen in found)


def _one(file: File, site: Site, today: date, workers: Workers) -> Seen:
    try:
        return workers.run(describe, file, site, today)
    except ParseError as error:
        return Seen(file.url, unread=f"{error}.")


def _merged(
    walked: Walk, known: Mapping[str, FileRecord], seen: Mapping[str, Seen]
) -> tuple[tuple[Item, ...], dict[str, FileRecord]]:
    """The new items and all files; where two have one address, the first by path is the
    article."""
    items: dict[str, Item] = {}
    files: dict[str, FileRecord] = {}
    taken: dict[str, str] = {}
    for file in walked.files:
        before, now = known.get(file.url), seen.get(file.url)
        if now is None or (now.unread and before is not None and before.url):
            record = (
                before
                if now is None and before
                else FileRecord(file.url, "", before.url if before else "")
            )
        else:
            item = now.item or (
                Item(url=file.url, file=file.url, version=now.unread)
                if now.unread
                else None
            )
            record = FileRecord(
                file.url,
                "" if now.again else file.stamp,
                item.url if item else "",
                now.left_out,
            )
            if item is not None and item.url not in taken:
                items[item.url] = item
        if record.url in taken:  # looked at again each time: the other may go
            record = FileRecord(file.url, "", left_out="same-address")
        elif record.url:
            taken[record.url] = file.url
        files[file.url] = record
    for folder in walked.unread:
        files |= {
            url: record for url, record in known.items() if url.startswith(folder)
        }
    return tuple(items.values()), files


def _trouble(
    path: Path, walked: Walk, known: Mapping[str, FileRecord], seen: Mapping[str, Seen]
) -> str:
    lost = [(path_of(folder), why) for folder, why in walked.unread.items()]
    lost += [
        (path_of(url), now.unread)
        for url, now in seen.items()
        if now.unread and url in known and known[url].url
    ]
    if not lost:
        return ""
    where, why = lost[0]
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return (
        f"{where}{more} can't be read ({why.rstrip('.')}); what was held of it stays."
    )


def _tell(path: Path, site: Site, files: Mapping[str, FileRecord]) -> None:
    """One line for the log: how many posts, and why other files are none."""
    reasons = Counter(
        LEFT_OUT_WORDS[record.left_out] for record in files.values() if record.left_out
    )
    posts = sum(1 for record in files.values() if record.url)
    left = ", ".join(f"{count} ({why})" for why, count in reasons.most_common())
    where = f"as {site.home}" if site.home else "under their files' own addresses"
    log.info(
        "%s (%s): %d posts %s%s",
        path,
        site.software,
        posts,
        where,
        f"; left out: {left}" if left else "",
    )
