"""The doctor: index and ledger examined together, and derived again where that helps.

Never writes over a damaged database without a copy beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from indexer.ledger.check import examine_ledger
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.maintenance.erase import is_pending
from indexer.split.split import SPLITTER_VERSION, split
from indexer.text.urls import post_fragment, shared_page
from search.errors import (
    BlogsearchError,
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    ModelError,
)
from search.index.sqlite.connection import lock
from search.index.sqlite.directory_snapshot import copy_databases
from search.index.sqlite.doctor.check import examine_index
from search.index.sqlite.doctor.findings import Finding, named
from search.index.sqlite.doctor.repair import derive_again
from search.index.sqlite.readable import UNREADABLE, readable_manifest, readable_urls
from search.index.sqlite.rollback import (
    clear_unfinished,
    copy_state_before,
    finish_restore,
    keep_damaged,
    names_before,
    put_in_place,
    stage,
    unfinished,
)
from search.index.sqlite.undo.folders import PREVIOUS
from search.index.sqlite.undo.record import is_undo, make_whole
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.index.work_folder import (
    WORK,
    left_elsewhere,
    size_of,
    work_folder,
)
from search.manifest import Manifest
from search.ports import Embedder
from search.types import Article, Passage

BATCH = 16  # articles that are embedded together
# A writer that opens the index mends these by itself, as the next update would.
MENDED_BY_OPENING = {"vector-file", "old-format", "unsealed"}
# For these the index's own rows and tables need not be made again.
NOT_OF_INDEX = {"leftovers", "model", "ledger", "ledger-ahead"}
LOST = (
    "What is lost of the index can't be derived from the rest. Put a backup in its place"
    " with: blog-indexer restore FILE"
)
GO_BACK = (
    "The state before the last run is sound. Go back to it with: blog-indexer rollback"
)
UNERASED = (
    "What was forgotten or removed is in files of the index still: the next run that"
    " writes, such as blog-indexer update, erases it."
)
LEDGER_LOST = (
    "The ledger can't be derived from anything. Put a backup in its place with:"
    f" blog-indexer restore FILE. Without one, remove {LEDGER} and add the sources again:"
    " the next run reads their articles again, and what was forgotten on request may come"
    " back."
)


@dataclass(slots=True)
class Health:
    """The state of an index and its ledger; ``notes`` are no faults."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def mendable(self) -> set[str]:
        """Return the codes of what ``repair`` mends."""
        return {finding.code for finding in self.findings if finding.mendable}

    def lost(self) -> set[str]:
        """Return the codes of what can't be derived."""
        return {finding.code for finding in self.findings if not finding.mendable}


def examine_all(directory: Path, model: Embedder) -> Health:
    """Examine copies as of one moment, whoever reads or writes meanwhile.

    Raises IndexMissing, IndexDamaged or IndexMismatch where there is nothing that can
    be examined.
    """
    if not (directory / DATABASE).is_file():
        raise IndexMissing(
            f"There is no index in {directory}. Make one with: blog-indexer add SOURCE"
        )
    health = Health()
    # Copies: an examination brings an older format up to date, and takes its time.
    with work_folder(WORK) as copies:
        copy_databases(directory, copies)
        health.findings += examine_index(copies / DATABASE, directory)
        indexed = readable_urls(copies / DATABASE)
        if (copies / LEDGER).is_file():
            health.findings += examine_ledger(copies / LEDGER, indexed)
        elif indexed:
            health.notes.append(
                "There is no ledger: the index can be searched, but nothing is followed"
                " any more. Add the sources again with: blog-indexer add SOURCE"
            )
        check_model(readable_manifest(copies / DATABASE), model, health)
    # Of a damaged ledger it can't be said; that is told already.
    with suppress(BlogsearchError):
        if is_pending(directory):
            health.notes.append(UNERASED)
    health.findings += _leftovers(directory)
    health.notes += _kept_copies(directory)
    # Several checks may meet the same broken page.
    health.findings = list(dict.fromkeys(health.findings))
    lost = health.lost()
    if lost and _is_sound_before(directory):
        health.notes.append(GO_BACK)
    if lost - NOT_OF_INDEX:
        health.notes.append(LOST)
    if "ledger" in lost:
        health.notes.append(LEDGER_LOST)
    return health


def _is_sound_before(directory: Path) -> bool:
    """Tell if there is a state to go back to from which nothing is lost: pages that no
    run has changed since are those of the damaged databases."""
    names = names_before(directory)
    if DATABASE not in names:
        return False
    with suppress(*UNREADABLE, OSError), work_folder(WORK) as folder:
        copy_state_before(directory, folder)
        findings = examine_index(folder / DATABASE, folder)
        if LEDGER in names:
            indexed = readable_urls(folder / DATABASE)
            findings += examine_ledger(folder / LEDGER, indexed)
        return all(one.mendable for one in findings)
    return False


def check_model(known: Manifest | None, model: Embedder, health: Health) -> None:
    """Note where the model of an index is not the one of this machine."""
    if known is None:
        return
    try:
        # It is loaded from this machine only: a check fetches nothing.
        fingerprint = model.fingerprint
    except ModelError:
        health.notes.append(
            f"The model {known.model} is not on this machine, so it was not checked."
        )
        return
    if fingerprint != known.fingerprint:
        text = (
            f"The index was made with other weights of {known.model} than are"
            " installed now. Move it over with: blog-indexer rebuild"
        )
        health.findings.append(Finding("model", text, mendable=False))


def _leftovers(directory: Path) -> Iterator[Finding]:
    """Name what runs that were killed have left; while one is at work, nothing."""
    try:
        with closing(lock(directory)):
            paths = [*map(str, left_elsewhere(directory))]
            paths += [path.name for path in unfinished(directory)]
    except (IndexBusy, OSError):
        return  # a folder that nobody may write to has no lock either
    if paths:
        # Of a name that is relative the folder is the index's own.
        sizes = [f"{name} ({megabytes(directory / name)})" for name in sorted(paths)]
        text = f"A run that ended early has left {', '.join(sizes)}"
        yield Finding("leftovers", f"{text}; the next update removes it.")


def _kept_copies(directory: Path) -> Iterator[str]:
    """Name the copies of damaged databases, which nothing removes but a newer one."""
    for path in sorted(directory.glob("*.damaged-*")):
        yield (
            f"{path.name} ({megabytes(path)}) is a database as it was before the last"
            " repair. Remove it when you miss nothing."
        )


def megabytes(path: Path) -> str:
    """Write the size of a file or a folder for a person."""
    return f"{size_of(path) / 1e6:.1f} MB"


def repair(directory: Path, model: Embedder, health: Health) -> Iterator[str]:
    """Derive again what ``examine_all`` found mendable, and say what was done.

    A new database is made aside, and takes the place of the old one when it is whole.
    """
    codes = health.mendable()
    with closing(lock(directory)):
        # A state that was about to take its place is what was examined last.
        finish_restore(directory)
        clear_unfinished(directory)
        if is_undo(directory / PREVIOUS):
            _mend_state_before(directory, model)
        if codes - MENDED_BY_OPENING - NOT_OF_INDEX:
            yield from _derive_aside(directory, model)
        if "ledger-ahead" in codes:
            yield forget_missing(directory, readable_urls(directory / DATABASE) or ())
    # A writer takes the lock itself.
    if codes & MENDED_BY_OPENING:
        SqliteWriter(directory, model, splitter=SPLITTER_VERSION).close()


def _derive_aside(directory: Path, model: Embedder) -> Iterator[str]:
    """Make a whole index beside the damaged one, and put it in place."""
    # The state to roll back to stays what it is.
    with stage(directory) as staged:
        bare = derive_again(directory / DATABASE, staged / DATABASE)
        if bare:
            _fill(staged, model, bare)
            yield f"{len(bare)} articles were split and embedded again from their text."
        aside = keep_damaged(directory / DATABASE)
        # First: readers look for the vector file that a manifest names.
        for path in staged.glob("*.faiss"):
            path.replace(directory / path.name)
        put_in_place(directory, staged)
    yield "What is derived was made again from the rows of the index."
    yield f"What was damaged is kept as {aside.name}."


def _mend_state_before(directory: Path, model: Embedder) -> None:
    """Derive again what is damaged in the state to roll back to, which is noted as
    changes of the damaged databases: it becomes databases of its own."""
    make_whole(directory)
    folder = directory / PREVIOUS
    # Where it can't be mended, a rollback says so.
    with suppress(IndexDamaged, FileNotFoundError), stage(directory) as staged:
        if bare := derive_again(folder / DATABASE, staged / DATABASE):
            _fill(staged, model, bare)
        (staged / DATABASE).replace(folder / DATABASE)
    # A rollback derives its vector file.
    for path in folder.glob("*.faiss"):
        path.unlink()


def forget_missing(directory: Path, indexed: Collection[str]) -> str:
    """Have the next update fetch the articles of a ledger that the index lacks, and say
    so."""
    missing = set()
    with closing(Ledger(directory)) as ledger, ledger.transaction():
        for page in ledger.pages():
            if not page.article or page.article in indexed:
                continue
            missing.add(page.article)
            # Without its record a page is as new.
            ledger.drop_page(page.url)
            if post_fragment(page.url):
                # A post within a page is read with that page.
                ledger.drop_page(shared_page(page.url))
    text = f"{len(missing)} articles are lost; the next update fetches them again"
    return f"{text}: {named(sorted(missing))}."


def _fill(directory: Path, model: Embedder, urls: Sequence[str]) -> None:
    """Split and embed articles again from their text."""
    # ``rebuild`` would take over stored vectors, which is why this is done here.
    with SqliteWriter(directory, model, splitter=SPLITTER_VERSION) as index:
        for start in range(0, len(urls), BATCH):
            articles = filter(None, map(index.article, urls[start : start + BATCH]))
            index.add([(article, _split(article, model)) for article in articles])
        index.commit()


def _split(article: Article, model: Embedder) -> Sequence[Passage]:
    return split(article, count_tokens=model.count_tokens, window=model.window)
