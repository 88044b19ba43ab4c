"""The modes of an index's files and folders: its owner's alone, or as it is shared.

What a person reads is theirs. An index whose database others may read was shared on
purpose, or made by an older program: what comes beside it can be read by the same ones.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

DATABASE = "index.sqlite"  # its mode decides for what comes beside it
PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
READ_AND_WRITE = 0o666  # the bits that a file of ours can have


def make_folder(path: Path) -> None:
    """Make a folder that only its owner may look into, unless it is there."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def make_file(path: Path, mode: int = PRIVATE) -> None:
    """Make an empty file, unless it is there; SQLite takes one for a new database.

    Where that fails nothing is said: whoever then opens it says it better.
    """
    # Only a new one is opened: closing any file of a database takes the locks away that
    # this process has on it.
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    with suppress(OSError):
        handle = os.open(path, flags, PRIVATE)
        try:
            if mode != PRIVATE:
                os.fchmod(handle, mode)  # as it is shared, whatever the umask
        finally:
            os.close(handle)


def mode_of(path: Path) -> int:
    """Return the mode for what takes a file's place, of a new one where it is none."""
    try:
        found = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return PRIVATE
    return found & READ_AND_WRITE | PRIVATE


def mode_beside(path: Path) -> int:
    """Return the mode for a new file in the folder of an index."""
    return mode_of(path.with_name(DATABASE))
