"""The inbox: pages to save and blogs to follow, each in a file until the indexer has it.

Reads no page and checks no address: whoever leaves a request does.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from search.errors import BlogsearchError
from search.inbox.place import NEW, write_whole
from search.index.private_files import make_folder
from search.index.stored_records import all_texts, record_of

FOLDER = "inbox"
MOST_WAITING = 500  # requests
MOST_BYTES = 256 << 20  # of all that wait: some hundred pages with their pictures
LEFT_AFTER = 3600.0  # seconds after which a half-written file is a killed program's
UNREADABLE = ".unreadable"  # ends the name of what is no request

FULL = (
    "{count} saved pages wait for the indexer, and more do not fit. Have it take them in:"
    " blog-indexer update"
)
NOT_WRITABLE = (
    "What is saved here can't be kept: this server may not write beside the index"
    " ({what}). Run it as the user of blog-indexer."
)


class InboxFull(BlogsearchError):
    """So many requests wait that no more are taken."""


class InboxClosed(BlogsearchError):
    """The inbox can't be written by this program."""


@dataclass(frozen=True, slots=True)
class Request:
    """A page to "save" or a blog to "follow"; texts are as they were typed.

    ``html`` is the page as a browser has it, "" to fetch it. ``saved`` is the moment in
    ISO 8601 (UTC).
    """

    kind: Literal["save", "follow"]
    url: str
    title: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    html: str = ""
    saved: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A request, and the file that it waits in."""

    path: Path
    request: Request

    def take_out(self) -> None:
        """Remove it from the inbox, once what it asks for is kept elsewhere."""
        self.path.unlink(missing_ok=True)


class Inbox:
    """The requests that wait beside a ledger, in the order in which they came."""

    def __init__(self, ledger: Path) -> None:
        self._folder = ledger / FOLDER

    def put(self, request: Request) -> None:
        """Leave a request, on the disk when this returns.

        Raises InboxFull and InboxClosed.
        """
        text = json.dumps(asdict(request), ensure_ascii=False)
        # The time first: the newest of two for one page has the last word.
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.json"
        try:
            make_folder(self._folder)
            self._require_room(len(text))
            write_whole(self._folder / name, text)
        except OSError as error:
            what = error.strerror or type(error).__name__
            raise InboxClosed(NOT_WRITABLE.format(what=what)) from error

    def letters(self) -> Iterator[Letter]:
        """Read what waits, one after the other; what is no request is set aside."""
        for path in self._paths():
            try:
                yield Letter(path, _request(path.read_text(encoding="utf-8")))
            except FileNotFoundError:
                continue  # another run has taken it
            except (ValueError, TypeError, LookupError, AttributeError):
                # It stays for a person to look at, and holds up nothing.
                path.replace(path.with_name(path.name + UNREADABLE))

    def addresses(self) -> list[str]:
        """Return the addresses that wait, oldest first."""
        return [letter.request.url for letter in self.letters()]

    def __len__(self) -> int:
        return len(self._paths())

    def _paths(self) -> list[Path]:
        with suppress(OSError):  # there is none yet
            return sorted(self._folder.glob("*.json"))
        return []

    def _require_room(self, size: int) -> None:
        sizes = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                facts = path.stat()
                if (
                    path.name.endswith(NEW)
                    and time.time() - facts.st_mtime > LEFT_AFTER
                ):
                    path.unlink()
                else:
                    sizes.append(facts.st_size)
        if len(sizes) >= MOST_WAITING or sum(sizes) + size > MOST_BYTES:
            raise InboxFull(FULL.format(count=f"{len(sizes):,}"))


def _request(text: str) -> Request:
    fields = json.loads(text)
    fields["tags"] = tuple(fields["tags"])
    request = record_of(Request, fields)
    if request.kind not in ("save", "follow") or not all_texts(*request.tags):
        raise TypeError("not the form that is written")
    return request
