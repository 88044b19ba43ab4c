"""The erasing of what left index and ledger from every file of an index's directory.

What is to be erased was noted before (indexer/ledger/erasing.py), so that this can be
done again after a crash. Decides nothing: it knows what the note says.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.ledger.erasing import Erasing
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.maintenance.server_index import ServerIndex
from indexer.records import PageRecord
from indexer.text.urls import identity_of
from search.errors import IndexDamaged
from search.inbox.run_status import drop_names
from search.index.sqlite.connection import explain, explained, is_file, lock
from search.index.sqlite.erasing.compaction import compact_unread
from search.index.sqlite.erasing.index_state import (
    Leaving,
    erase_from_index,
    erase_from_state_before,
)
from search.index.sqlite.readable import readable_manifest, readable_urls
from search.index.sqlite.rollback import finish_restore, unfinished
from search.index.sqlite.undo.folders import PREVIOUS
from search.index.sqlite.undo.record import make_whole
from search.index.sqlite.writer import DATABASE
from search.ports import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erased:
    """The bytes of the files that were written anew; ``is_whole`` unless a reader keeps
    what was there before."""

    size: int
    is_whole: bool


def is_pending(directory: Path) -> bool:
    """Tell if anything is still to be erased from the files of a directory.

    Raises StorageFailed, and IndexDamaged where the ledger can't be read.
    """
    if not is_file(directory / LEDGER):
        return False
    with (
        explained(directory / LEDGER),
        closing(Ledger(directory, read_only=True)) as ledger,
    ):
        return ledger.is_erasing()


def erase_pending(directory: Path) -> Erased | None:
    """Erase what is noted, None where that is nothing.

    Raises IndexBusy where another run writes, which does it then, StorageFailed and
    IndexDamaged.
    """
    if not is_pending(directory):
        return None
    with closing(lock(directory)):
        finish_restore(directory)
        return erase_noted(directory)


def take_out_noted(ledger: Ledger, index: Writer) -> None:
    """Take out of ledger and index what a run noted and was killed before it did.

    For an index on a server, whose rows only its writer can change.
    """
    left = ledger.erasing(settled=False)
    if not left:
        return
    with ledger.transaction():
        _drop(left, ledger)
    for url in _articles(left):
        # A page may have come back since its article was noted.
        if not ledger.urls_of_article(url):
            index.forget(url)
    # Before the ledger, as in every run: a crash between the two only repeats this.
    index.commit()
    with ledger.transaction():
        ledger.settle_erasing()


def erase_beside_server(
    folder: Path, index: ServerIndex
) -> tuple[Erased, list[str]] | None:
    """Erase from a ledger's folder what is noted, and from the tables of the server that
    has the index; None where that is nothing.

    Returns also the tables that are too large for it. What has not left the index yet is
    left to the next run, whose writer takes it out. Raises IndexBusy, StorageFailed and
    IndexDamaged.
    """
    if not is_pending(folder):
        return None
    with closing(Ledger(folder, read_only=True)) as ledger:
        if ledger.erasing(settled=False):
            return None
    # First: the note is struck last, so that a run that is killed does both again.
    large = index.erase()
    erased = erase_pending(folder)
    if erased is None:  # another run has done it meanwhile
        return None
    return erased, large


def erase_noted(directory: Path) -> Erased | None:
    """Do so for the holder of the lock."""
    if not is_pending(directory):
        return None
    try:
        # Before anything is written anew, or words would stay in the pages before.
        make_whole(directory)
        with explained(directory), closing(Ledger(directory)) as ledger:
            return _erase(directory, ledger)
    except OSError as error:
        raise explain(error, directory) from error


def _erase(directory: Path, ledger: Ledger) -> Erased:
    drop_names(directory)
    left = ledger.erasing(settled=False)
    noted = [*ledger.erasing(settled=True), *left]
    with ledger.transaction():
        _drop(left, ledger)
        ledger.drop_words_left()
    # A page may have come back since its article was noted.
    unled = [url for url in _articles(left) if not ledger.urls_of_article(url)]
    pages, sources = _pages(noted), _sources(noted)
    # What older programs were told to forget is in no note.
    known = {page.url: page for page in ledger.forgotten()} | pages
    rest = dict.fromkeys([*known, *_articles(noted)])
    changed = [url for url in rest if url not in unled]
    # First: where the index turns out to be damaged, that state takes its place.
    _erase_from_state_before(
        directory, ledger, Leaving(unled, changed, known, sources), noted
    )
    index = directory / DATABASE
    leaving = Leaving(unled, (), pages, sources)
    is_whole = not is_file(index) or erase_from_index(index, leaving)
    with ledger.transaction():
        ledger.settle_erasing()
    is_whole = ledger.compact() and is_whole
    _unlink_copies(directory)
    if is_whole:
        ledger.strike_erasing()
    return Erased(_size(directory), is_whole)


def _drop(erasings: Iterable[Erasing], ledger: Ledger) -> None:
    """Let go of what is noted, in a ledger that may have let go of it already."""
    for erasing in erasings:
        for page in erasing.pages:
            ledger.put_page(page)
            ledger.drop_words(page)
        for source in erasing.sources:
            ledger.drop_source(source)
        for site in erasing.sites:
            ledger.forget_site(site)


def _articles(erasings: Iterable[Erasing]) -> list[str]:
    return [url for erasing in erasings for url in erasing.articles]


def _pages(erasings: Iterable[Erasing]) -> dict[str, PageRecord]:
    return {page.url: page for erasing in erasings for page in erasing.pages}


def _sources(erasings: Iterable[Erasing]) -> list[str]:
    return [url for erasing in erasings for url in erasing.sources]


def _erase_from_state_before(
    directory: Path, ledger: Ledger, leaving: Leaving, noted: Sequence[Erasing]
) -> None:
    """Take what leaves out of the state to roll back to, or that state away."""
    folder = directory / PREVIOUS
    if not is_file(folder / DATABASE) or leaving.is_empty():
        return
    try:
        with explained(folder):
            # Before its ledger, which says what led there under other addresses.
            leaving = _with_former(folder, leaving)
            erase_from_state_before(folder / DATABASE, leaving, directory / DATABASE)
            if is_file(folder / LEDGER):
                _erase_from_ledger_before(folder, ledger, noted)
    except (IndexDamaged, ValueError, TypeError, KeyError) as error:
        log.warning(
            "The state to roll back to is damaged (%s), and removed: nothing can be"
            " erased from it.",
            error,
        )
        shutil.rmtree(folder)


def _with_former(folder: Path, leaving: Leaving) -> Leaving:
    """Add the articles of the state before that have moved since, or are no source's."""
    with closing(Ledger(folder, read_only=True)) as before:
        listed = set(leaving.pages)
        for source in leaving.sources:
            listed.update(before.urls_of_source(source))
        records = filter(None, map(before.page, listed))
        former = {record.article for record in records} - {""}
    gone = {identity_of(url) for url in (*leaving.articles, *leaving.pages)}
    for url in readable_urls(folder / DATABASE) or ():
        if identity_of(url) in gone:
            former.add(url)
    changed = {*leaving.changed, *former}.difference(leaving.articles)
    return replace(leaving, changed=changed)


def _erase_from_ledger_before(
    folder: Path, ledger: Ledger, noted: Sequence[Erasing]
) -> None:
    with closing(Ledger(folder)) as before:
        with before.transaction():
            _drop(noted, before)
            # Pages are as the ledger knows them now; some may have come back.
            for page in (*_pages(noted), *(page.url for page in ledger.forgotten())):
                if known := ledger.page(page):
                    before.put_page(known)
            before.drop_words_left()
        before.strike_erasing()
    compact_unread(folder / LEDGER)


def _unlink_copies(directory: Path) -> None:
    known = readable_manifest(directory / DATABASE)
    for path in [*unfinished(directory), *directory.glob("*.sqlite.damaged-*")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    # A reader that was about to load an older one looks at the manifest again.
    for path in directory.glob("vectors-*.faiss"):
        if known is not None and path.name != known.vectors:
            path.unlink()


def _size(directory: Path) -> int:
    paths = [*directory.glob("*.sqlite"), *(directory / PREVIOUS).glob("*.sqlite")]
    return sum(path.stat().st_size for path in paths)
