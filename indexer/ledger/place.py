"""The place of an index: its address, and the folder where its indexer keeps the ledger.

Opens no ledger. Where the index is a folder, the ledger lies in it; where it is on a
server, each indexer has a ledger in a folder of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from search.errors import IndexAddressError, IndexBusy
from search.hints import with_index
from search.inbox.place import ledger_folder
from search.index.open import IndexAddress, open_index, require_folder
from search.index.private_files import make_file, make_folder
from search.index.server_address import ServerAddress
from search.index.sqlite.connection import BUSY, WriterLock, explain, lock

if TYPE_CHECKING:  # it brings numpy along
    from search.ports import Index
    from search.snapshot_port import Snapshot

INDEXER = "indexer"  # the file with the name under which this ledger's articles are put
BUSY_LEDGER = "Another run is at work with this ledger; try again when it is done."
LEDGER_BESIDE = (
    "The ledger of an index in a folder lies in that folder; --ledger is for one in a"
    " database (--index postgresql://user@host/database)."
)
NOT_PARTITIONED = (
    "An index in a folder has no partitions; --partitions is for one in a database."
)


@dataclass(frozen=True, slots=True)
class Place:
    """An index at ``index``, and the ``ledger``'s folder, which is the index's own where
    that is one. ``is_named``: the ledger's folder was chosen for this command."""

    index: IndexAddress
    ledger: Path
    is_named: bool = False

    @property
    def is_folder(self) -> bool:
        """True where the index is a folder."""
        return isinstance(self.index, Path)

    @property
    def busy(self) -> str:
        """The sentence for whoever has to wait."""
        return BUSY if self.is_folder else BUSY_LEDGER

    def complete(self, text: str) -> str:
        """Let the commands in a text name this place."""
        return with_index(text, self.index, self.ledger if self.is_named else None)

    def require(self) -> None:
        """Raise StorageFailed where a file stands in the place of a folder."""
        if self.is_folder:
            require_folder(self.ledger)
        else:
            require_folder(self.ledger, "the place of a ledger")

    def open_index(self) -> Index:
        """Return the index, for reading."""
        return open_index(self.index)

    def open_to_write(self, partitions: int = 1) -> Index:
        """Return the index, for the holder of the ledger's lock to write.

        ``partitions`` are those of a database without an index. Raises
        IndexAddressError where a folder was to have some.
        """
        if not self.is_folder:
            name = name_indexer(self.ledger)
            return open_index(self.index, indexer=name, partitions=partitions)
        if partitions > 1:
            raise IndexAddressError(NOT_PARTITIONED)
        return open_index(self.index)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open the newest generation of the index for the block."""
        with closing(self.open_index()) as index, index.snapshot() as snapshot:
            yield snapshot

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other run work with this ledger; raises IndexBusy.

        Of an index in a folder its writer sees to that.
        """
        if self.is_folder:
            yield
            return
        with closing(lock_ledger(self.ledger)):
            yield


def place_of(
    index: IndexAddress, ledger: Path | None, environment: Mapping[str, str]
) -> Place:
    """Return the place of an index; ``ledger`` is the folder that was asked for.

    Raises IndexAddressError where one was, and the index has its own.
    """
    if not isinstance(index, ServerAddress):
        if ledger is not None:
            raise IndexAddressError(LEDGER_BESIDE)
        return Place(index, index)
    if ledger is not None:
        # Hints repeat it; what the environment says holds for the next command too.
        return Place(index, ledger, is_named=True)
    return Place(index, ledger_folder(index, environment))


def lock_ledger(folder: Path) -> WriterLock:
    """Lock a folder of a ledger alone, made where there is none; raises IndexBusy and
    StorageFailed."""
    try:
        make_folder(folder)
        return lock(folder)
    except IndexBusy as error:
        raise IndexBusy(BUSY_LEDGER) from error
    except OSError as error:
        raise explain(error, folder) from error


def name_indexer(folder: Path) -> str:
    """Return the name of the indexer whose ledger a folder has, given at the first call.

    The caller holds the lock. Raises StorageFailed.
    """
    path = folder / INDEXER
    try:
        if path.is_file() and (name := path.read_text().strip()):
            return name
        # Random: two machines of one name must not take each other's articles for theirs.
        name = uuid.uuid4().hex
        new = path.with_name(f"{INDEXER}.new")
        make_file(new)
        new.write_text(f"{name}\n")
        # At once: half a name would be another indexer's.
        new.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        found = error if isinstance(error, OSError) else OSError(str(error))
        raise explain(found, path) from error
    return name
