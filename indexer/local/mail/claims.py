"""The mails of a mailbox, each once: which file has which, and under which address.

A mail that lies in two folders is one, told by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from indexer.local.mail.message import ScannedMail
from indexer.records import FileRecord, Item


class Claims:
    """Files and items as a scan finds them; ``before`` are the files as they were.

    ``unread`` are the reasons for which mails could not be looked at, by address.
    """

    def __init__(self, before: Mapping[str, FileRecord]) -> None:
        self.files: dict[str, FileRecord] = {}
        self.unread: dict[str, str] = {}
        self._before = before
        self._items: dict[str, Item] = {}
        self._files_by_message: dict[str, str] = {}
        self._files_by_url: dict[str, str] = {}

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of the mails that were looked at."""
        return tuple(self._items.values())

    def keep(self, records: Iterable[FileRecord]) -> None:
        """Take files as they were."""
        for record in records:
            self.files[record.file] = record
            if record.url:
                self._files_by_url[record.url] = record.file
                self._files_by_message[record.message or record.url] = record.file

    def take(self, scan: ScannedMail, stamp: str) -> None:
        """Take what a look at a mail gave; ``stamp`` is that of its file."""
        before = self._before.get(scan.file)
        if scan.is_known and before is not None:
            self.keep([before])
        elif scan.unread:
            self._take_unread(scan, stamp)
        elif scan.item is None:
            self.files[scan.file] = FileRecord(
                scan.file, stamp, left_out=scan.left_out, message=scan.message
            )
        else:
            self._take_item(scan, scan.item, stamp)

    def orphans(self) -> Sequence[FileRecord]:
        """Return the files left out for another with the same mail, which is gone."""
        return [
            record
            for record in self.files.values()
            if record.left_out == "same-address"
            and record.message not in self._files_by_message
        ]

    def _take_unread(self, scan: ScannedMail, stamp: str) -> None:
        self.unread[scan.file] = scan.unread
        before = self._before.get(scan.file)
        # A mail that is known stays as it is; a new one is listed, so that its failure is
        # seen.
        if before is not None and before.url:
            self.keep([replace(before, stamp="")])
            return
        self._items[scan.file] = Item(scan.file, file=scan.file, version=scan.unread)
        stamp = "" if scan.again else stamp
        self.files[scan.file] = FileRecord(scan.file, stamp, scan.file)

    def _take_item(self, scan: ScannedMail, item: Item, stamp: str) -> None:
        record = FileRecord(scan.file, stamp, item.url, message=scan.message)
        if scan.message in self._files_by_message:
            record = replace(record, url="", left_out="same-address")
            self.files[scan.file] = record
            return
        # Another mail has this page: it is a page of both, and the address of neither.
        if item.url in self._files_by_url:
            record = replace(record, url=scan.message)
            item = replace(item, url=scan.message)
        self._items[item.url] = item
        self.keep([record])
