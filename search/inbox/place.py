"""The folder of an index's ledger, where web and indexer meet.

Makes nothing.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from search.index.open import IndexAddress, data_dir
from search.index.private_files import PRIVATE
from search.index.server_address import ServerAddress

LEDGERS = "ledgers"  # the folder of all ledgers of indexes on servers
LEDGER = "ledger.sqlite"
NEW = ".new"  # ends the name of a file that is being written


def ledger_folder(index: IndexAddress, environment: Mapping[str, str]) -> Path:
    """Return the folder of the ledger: the index's own, or this machine's for an index
    on a server, which BLOGSEARCH_LEDGER may name."""
    if not isinstance(index, ServerAddress):
        return index
    named = environment.get("BLOGSEARCH_LEDGER", "").strip()
    if named:
        return Path(named).expanduser()
    return data_dir() / LEDGERS / index.slug(environment)


def write_whole(
    path: Path, text: str, mode: int = PRIVATE, *, is_lasting: bool = True
) -> None:
    """Write a file so that others see all of it or what was there before.

    ``is_lasting``: it is on the disk when this returns. Raises OSError.
    """
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}{NEW}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    try:
        with os.fdopen(os.open(new, flags, PRIVATE), "wb") as file:
            if mode != PRIVATE:
                os.fchmod(file.fileno(), mode)  # as the index is shared
            file.write(text.encode("utf-8", "replace"))
            if is_lasting:
                file.flush()
                os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
    if is_lasting:
        _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    """Have a folder's entries on the disk too, or a power cut loses the new name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
