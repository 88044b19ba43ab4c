"""Opening of a local file with no symbolic link on the way to it.

It doesn't ask if anybody may read the file: that is the index's word.
"""

from __future__ import annotations

import errno
import io
import os
import stat

PIECE = 1 << 18  # bytes that are read at once, however many a server asks for
# Of a folder only the place is needed. Linux and macOS call that by different names;
# elsewhere its entries have to be readable.
_PLACE = getattr(os, "O_PATH", 0) | getattr(os, "O_SEARCH", 0)
_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | _PLACE
# Without O_NONBLOCK a pipe would hold the thread until somebody writes to it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class OpenedFile(io.FileIO):
    """A regular file as it was when it was opened; ``size`` is in bytes.

    What is added meanwhile is not read. What is taken away is an error: an end too
    early would let a server wait for bytes that never come.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self.size = os.fstat(descriptor).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to ``size`` bytes; raises OSError where the file was cut."""
        left = max(0, self.size - self.tell())
        if size is None or size < 0:
            size = left
        part = super().read(min(size, left, PIECE))
        if left and size and not part:
            raise OSError(errno.EIO, "the file became shorter while it was sent")
        return part or b""


def open_regular(path: bytes) -> OpenedFile:
    """Open a regular file by its absolute path; raises OSError.

    Each folder is opened in the one before it, so that none can be exchanged for a link
    between a check and its use. ELOOP and ENOTDIR: there is a link, or no folder where
    one was; EINVAL: it is no regular file.
    """
    *folders, name = path.split(b"/")
    # The addresses that the indexer makes have neither.
    if b".." in folders or b"\0" in path:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    folder = os.open(b"/", _FOLDER)
    try:
        for inner in filter(None, folders):
            outer, folder = folder, os.open(inner, _FOLDER, dir_fd=folder)
            os.close(outer)
        # Looked at first: merely opening a device may do something.
        _require_regular(os.stat(name, dir_fd=folder, follow_symlinks=False))
        opened = os.open(name, _FILE, dir_fd=folder)
    finally:
        os.close(folder)
    file = OpenedFile(opened)
    try:
        _require_regular(os.fstat(opened))
    except OSError:
        file.close()
        raise
    return file


def _require_regular(facts: os.stat_result) -> None:
    if stat.S_ISLNK(facts.st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
