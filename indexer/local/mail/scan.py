"""Scans of mailboxes: new and changed mails are looked at, lost ones reported, the rest
costs nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from indexer.extract.page import ExtractError
from indexer.fetch.local_files import path_of
from indexer.local.folder import FolderError, FolderScan, counted, trouble_of
from indexer.local.mail.claims import Claims
from indexer.local.mail.files import (
    MailFile,
    MailFiles,
    find_mails,
    read_mail,
    read_span,
)
from indexer.local.mail.mbox import BEFORE, LONGEST_BEGINNING, beginnings
from indexer.local.mail.message import ScannedMail, scan_mail
from indexer.records import FileRecord, SourceRecord
from indexer.runtime.parser_pool import ParseError, Workers

# Of the rules for mails; another number has every mail looked at again.
RULES_VERSION = "mail 1"
BATCH = 30  # mails that a worker looks at in one go
BATCH_BYTES = 32 << 20  # and as much of them, but for one alone
WINDOW = 16 << 20  # bytes of a mailbox that are searched for mails in one go
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Part:
    """A mail to look at: its address, its size in bytes, the version that is known, and
    the stamp of its file where it is one of its own."""

    file: str
    size: int
    version: str = ""
    stamp: str = ""


def scan_mails(
    source: SourceRecord, known: Mapping[str, FileRecord], workers: Workers, today: date
) -> FolderScan:
    """Scan a mailbox, given its mails as they were. Raises FolderError where it is
    gone."""
    path = path_of(source.url)
    if not path.exists():
        raise FolderError(
            f"The mailbox {path} isn't there; perhaps a disk is not mounted. Nothing of "
            "it is forgotten; if it is gone for good: blog-indexer remove"
        )
    found = find_mails(path)
    if known and not found.files:
        raise FolderError(
            f"{path} holds no mails, though it held {len(known)}: perhaps a disk is not "
            "mounted. Nothing is forgotten; if it is meant to be empty: "
            "blog-indexer remove"
        )
    same_rules = known if source.body_hash == RULES_VERSION else {}
    scan = _Scan(known, same_rules, workers, today)
    claims = scan.over(found)
    posts, left_out = counted(claims.files)
    log.info("%s: %d mails%s", path, posts, left_out)
    trouble = trouble_of({**found.unread, **scan.unread_boxes}, claims.unread, known)
    return FolderScan(
        source.title or title_of(path),
        "",
        RULES_VERSION,
        claims.items,
        claims.files,
        trouble,
    )


def title_of(path: Path) -> str:
    """Return the name by which a mailbox is called."""
    return path.name if path.is_dir() else path.stem


class _Scan:
    """The scan of one mailbox; ``before`` are its mails as they were, by whatever
    rules, ``known`` those of the same rules."""

    def __init__(
        self,
        before: Mapping[str, FileRecord],
        known: Mapping[str, FileRecord],
        workers: Workers,
        today: date,
    ) -> None:
        self._before = before
        self._known = known
        self._workers = workers
        self._today = today
        self.unread_boxes: dict[str, str] = {}

    def over(self, found: MailFiles) -> Claims:
        """Return what the files hold."""
        claims = Claims(self._before)
        changed: list[_Part] = []
        for file in found.files:
            if file.left_out:
                claims.keep([FileRecord(file.url, file.stamp, left_out=file.left_out)])
            elif self._is_unchanged(file):
                claims.keep(self._records_of(file))
            elif file.is_box:
                changed += self._parts_of(file, claims)
            else:
                changed.append(_Part(file.url, file.size, stamp=file.stamp))
        for folder in found.unread:  # all in them stay as they were
            claims.keep(
                record for url, record in self._before.items() if url.startswith(folder)
            )
        self._look_at(changed, claims)
        # The file that had the same mail is gone: this one stands in.
        orphans = claims.orphans()
        self._look_at(
            [_Part(each.file, 0, stamp=each.stamp) for each in orphans], claims
        )
        return claims

    def _is_unchanged(self, file: MailFile) -> bool:
        return file.url in self._known and self._known[file.url].stamp == file.stamp

    def _records_of(self, file: MailFile) -> Iterator[FileRecord]:
        """Yield what is known of a file, and of the mails within."""
        within = f"{file.url}?"
        for url, record in self._before.items():
            if url == file.url or (file.is_box and url.startswith(within)):
                yield record

    def _parts_of(self, file: MailFile, claims: Claims) -> list[_Part]:
        """Return the mails of a mailbox; where it can't be read, all stay as they
        were."""
        try:
            starts = list(self._starts(file))
        except (ParseError, ExtractError) as error:
            self.unread_boxes[file.url] = str(error)
            claims.keep(self._records_of(file))
            return []
        claims.keep([FileRecord(file.url, file.stamp)])
        ends = [*starts[1:], file.size]
        parts = []
        for start, end in zip(starts, ends, strict=True):
            url = f"{file.url}?{start}-{end - start}"
            version = self._known[url].stamp if url in self._known else ""
            parts.append(_Part(url, end - start, version))
        return parts

    def _starts(self, file: MailFile) -> Iterator[int]:
        for start in range(0, file.size, WINDOW):
            yield from self._workers.run(find_starts, file.url, start)

    def _look_at(self, parts: Sequence[_Part], claims: Claims) -> None:
        stamps = {part.file: part.stamp for part in parts}
        for scanned in chain.from_iterable(map(self._scan, _batches(parts))):
            claims.take(scanned, stamps[scanned.file] or scanned.version)

    def _scan(self, batch: Sequence[_Part]) -> Iterator[ScannedMail]:
        """Look at a batch; one that takes too long or breaks its worker is done mail by
        mail."""
        asked = [(part.file, part.version) for part in batch]
        try:
            yield from self._workers.run(scan_stored, asked, self._today)
        except ParseError:
            # One hostile mail must not cost the others of its batch.
            for each in asked:
                yield self._scan_alone(each)

    def _scan_alone(self, asked: tuple[str, str]) -> ScannedMail:
        try:
            return self._workers.run(scan_stored, [asked], self._today)[0]
        except ParseError as error:
            return ScannedMail(asked[0], unread=f"{error}.")


def _batches(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    batch: list[_Part] = []
    size = 0
    for part in parts:
        if len(batch) == BATCH or (batch and size + part.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += part.size
    if batch:
        yield batch


def find_starts(url: str, start: int) -> list[int]:
    """Return where mails begin in one window of a mailbox; runs in a worker.

    Raises ExtractError where the file can't be read.
    """
    before = min(start, BEFORE)
    try:
        window = read_span(url, start - before, before + WINDOW + LONGEST_BEGINNING)
    except OSError as error:
        raise ExtractError(f"The file can't be read: {error.strerror}.") from error
    places = beginnings(window, is_first=not start)
    return [start - before + place for place in places if place < before + WINDOW]


def scan_stored(parts: Sequence[tuple[str, str]], today: date) -> list[ScannedMail]:
    """Look at several mails in one go, each with the version that is known of it; runs
    in a worker."""
    return [_scan_one(file, version, today) for file, version in parts]


def _scan_one(file: str, version: str, today: date) -> ScannedMail:
    try:
        content = read_mail(file)
    except ExtractError as error:
        return ScannedMail(file, unread=str(error), again=True)
    return scan_mail(file, content, today, known_version=version)
