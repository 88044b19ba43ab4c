"""The exit codes of blog-indexer, as README explains them."""

from __future__ import annotations

from collections.abc import Collection

OK, SOME_FAILED, WRONG_USE, NOTHING_DONE = 0, 1, 2, 3
BUSY = 75  # EX_TEMPFAIL of sysexits.h: cron and mailers know it as "try again"
INTERRUPTED, TERMINATED = 130, 143  # 128 and the signal's number, as shells have it


def of_parts(failed: Collection[object], parts: Collection[object]) -> int:
    """Choose the exit code of a command some parts of which failed."""
    if not failed:
        return OK
    # Cron mails on either; a script may go on where some were done.
    if len(failed) == len(parts):
        return NOTHING_DONE
    return SOME_FAILED
