"""The command that copies an index between a folder and a database, with its ledger.

What copying takes is done in search/index/copying.py, without the model and the network.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

from indexer.cli.exit_codes import OK, WRONG_USE
from indexer.cli.options import AddCommand, add_partitions
from indexer.cli.session import has_ledger
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.place import Place, place_of
from indexer.records import Progress
from indexer.runtime.progress import progress_for
from search.console import say_on_stderr
from search.errors import BlogsearchError, IndexMissing
from search.index.open import index_option
from search.index.private_files import make_folder
from search.index.server_address import ServerAddress
from search.index.sqlite.connection import explain, explained, lock
from search.index.sqlite.directory_snapshot import copy_database
from search.ports import Index

SAME = "Both addresses are of the same index; name another one with --to."
NOTHING = "There is no index at {source} to copy from."
STRANGERS = (
    "{target} holds {count} articles that {source} doesn't, such as {url}. Copy into an"
    " empty folder or database, or into one that a copy of this index has begun to fill."
)
BROUGHT = "Its ledger is in {folder}; what is followed is updated there with: blog-indexer update"
LEFT = "No ledger was copied; follow its sources there with: blog-indexer add SOURCE"


def copy(args: argparse.Namespace) -> int:
    """Copy an index, and its ledger, into a folder or a database, without the model; a
    copy that was stopped goes on."""
    source, target = source_of(vars(args), os.environ), args.place
    if _is_same(source, target):
        say_on_stderr(SAME)
        return WRONG_USE
    with closing(source.open_index()) as stored:
        if stored.model() is None:
            raise IndexMissing(NOTHING.format(source=source.index))
        # Until both index and ledger are copied: the one must not run ahead of the other.
        with (
            _locked(source, target),
            closing(target.open_to_write(args.partitions)) as copied,
        ):
            _require_part_of(stored, copied, {"source": source, "target": target})
            count = _copied(stored, copied, str(target.index))
            is_brought = _bring_ledger(source, target)
    say_on_stderr(f"{count} articles were copied to {target.index}.")
    if is_brought:
        say_on_stderr(target.complete(BROUGHT.format(folder=target.ledger)))
    elif not has_ledger(target):
        say_on_stderr(target.complete(LEFT))
    return OK


def source_of(given: Mapping[str, Any], environment: Mapping[str, str]) -> Place:
    """Return the place that is copied from: --ledger is of the target, where both are on
    servers."""
    ledger = given.get("ledger")
    if isinstance(given["target"], ServerAddress):
        ledger = None
    return place_of(given["source"], ledger, environment)


def target_of(given: Mapping[str, Any], environment: Mapping[str, str]) -> Place:
    """Return the place that is copied to; raises IndexAddressError where a ledger's
    folder is named, and neither is on a server."""
    ledger = given.get("ledger")
    if isinstance(given["source"], ServerAddress) and not isinstance(
        given["target"], ServerAddress
    ):
        ledger = None  # it is the source's
    return place_of(given["target"], ledger, environment)


def _is_same(source: Place, target: Place) -> bool:
    if isinstance(source.index, ServerAddress):
        return isinstance(target.index, ServerAddress) and (
            source.index.slug(os.environ) == target.index.slug(os.environ)
        )
    return target.is_folder and source.ledger.resolve() == target.ledger.resolve()


@contextmanager
def _locked(source: Place, target: Place) -> Iterator[None]:
    """Let no run change what is copied; raises IndexBusy."""
    with ExitStack() as stack:
        stack.enter_context(target.locked())
        if has_ledger(source) and source.ledger != target.ledger:
            # Where this user may only read, nobody is kept from writing.
            with suppress(OSError):
                stack.enter_context(closing(lock(source.ledger)))
        yield


def _require_part_of(stored: Index, copied: Index, names: Mapping[str, Place]) -> None:
    """Raise BlogsearchError where the target has articles of another index."""
    if copied.model() is None:
        return
    strangers: set[str] = set()
    # One to which nothing was committed has none.
    with (
        suppress(IndexMissing),
        stored.snapshot() as source,
        copied.snapshot() as target,
    ):
        strangers = set(target.urls()).difference(source.urls())
    if strangers:
        said = {name: place.index for name, place in names.items()}
        url = min(strangers)
        raise BlogsearchError(STRANGERS.format(count=len(strangers), url=url, **said))


class _Shown:
    """The progress of a copy, given as how many of all articles are done."""

    def __init__(self, progress: Progress, target: str) -> None:
        self._progress = progress
        self._target = target
        self._done: int | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._done is None:
            self._progress.begin("articles", total)
            self._done = 0
        for _ in range(done - self._done):
            self._progress.advance(self._target)
        self._done = max(done, self._done)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.end()


def _copied(stored: Index, copied: Index, target: str) -> int:
    # It brings numpy along.
    from search.index.copying import copy_index

    with closing(_Shown(progress_for(), target)) as shown:
        return copy_index(stored, copied, note=shown)


def _bring_ledger(source: Place, target: Place) -> bool:
    """Copy the ledger, unless there is one; what it lists is not fetched again then.

    Raises StorageFailed and IndexBusy.
    """
    if not has_ledger(source) or has_ledger(target):
        return False
    new = target.ledger / f"{LEDGER}.new"
    try:
        make_folder(target.ledger)
        with ExitStack() as stack, explained(new):
            if target.is_folder:  # its writer, which is done, held the lock
                stack.enter_context(closing(lock(target.ledger)))
            new.unlink(missing_ok=True)
            copy_database(source.ledger / LEDGER, new)
            new.replace(target.ledger / LEDGER)
    except OSError as error:
        raise explain(error, new) from error
    return True


def add_commands(command: AddCommand) -> None:
    """Add this command with its options."""
    sub = command("copy", copy)
    sub.add_argument(
        "--from",
        dest="source",
        type=index_option,
        required=True,
        metavar="ADDRESS",
        help="the index that is copied: a folder, or a postgresql:// address",
    )
    sub.add_argument(
        "--to",
        dest="target",
        type=index_option,
        required=True,
        metavar="ADDRESS",
        help="an empty folder or database, or one with a part of such a copy",
    )
    add_partitions(sub)
    sub.set_defaults(find_place=target_of)
