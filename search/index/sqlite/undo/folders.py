"""The folder of the state to roll back to, and how a whole folder takes its place.

Knows nothing of what is in one.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PREVIOUS, NEW = "previous", ".new"


def swap_folder(new: Path, folder: Path) -> None:
    """Give a folder that is whole its name, in place of an older one."""
    # A folder that has files in it can't be renamed over.
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
