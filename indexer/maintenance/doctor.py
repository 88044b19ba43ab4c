"""Index and ledger examined together, and mended together."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.maintenance.ledger_check import align, examine_ledger, make_ledger_over
from indexer.split.split import SPLITTER_VERSION, split
from search.errors import BlogsearchError, IndexBusy, IndexMissing, ModelError
from search.index.sqlite import checksums, rollback
from search.index.sqlite.articles import Passages
from search.index.sqlite.check import Finding, examine, named
from search.index.sqlite.commit import vectors_of_rows
from search.index.sqlite.directory_snapshot import (
    DirectorySnapshot,
    copy_database,
    open_to_copy,
)
from search.index.sqlite.manifest_store import read_manifest, write_manifest
from search.index.sqlite.opening import connect, lock
from search.index.sqlite.repair import MadeOver, make_over
from search.index.sqlite.writer import DATABASE, IndexWriter
from search.ports import Embedder

WITHOUT_NEW_ROWS = {"vector-file", "leftovers", "model", "old-format", "unsealed"}
BATCH = 16  # articles that are embedded together
OF_LEDGER = {"ledger", "ledger-ahead"}


@dataclass(slots=True)
class Health:
    """What was found of an index and its ledger; ``notes`` are no faults."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def codes(self) -> set[str]:
        """The codes of what is wrong."""
        return {finding.code for finding in self.findings}


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
    with tempfile.TemporaryDirectory() as folder:
        copies = Path(folder)
        _copy(directory, copies)
        health.findings += examine(copies / DATABASE, directory)
        held = _held(copies / DATABASE)
        if (copies / LEDGER).is_file():
            health.findings += examine_ledger(copies / LEDGER, held)
        elif held:
            text = "There is no ledger: the index can be searched, but nothing is followed any more."
            health.notes.append(
                f"{text} Add the sources again with: blog-indexer add SOURCE"
            )
        _check_model(copies / DATABASE, model, health)
    health.findings += _leftovers(directory)
    health.findings = list(dict.fromkeys(health.findings))
    return health


def _copy(directory: Path, folder: Path) -> None:
    """All databases as of one moment, or file by file where one of them can't even be
    opened."""
    try:
        with DirectorySnapshot(directory) as moment:
            moment.copy(folder)
            return
    except sqlite3.DatabaseError:
        for path in directory.glob("*.sqlite"):
            (folder / path.name).unlink(missing_ok=True)
            copy_database(path, folder / path.name)


def _held(path: Path) -> list[str] | None:
    """The addresses in an index, None where they can't be read."""
    try:
        with closing(open_to_copy(path)) as db:
            return Passages(db).urls()
    except sqlite3.DatabaseError:
        return None


def _check_model(path: Path, model: Embedder, health: Health) -> None:
    try:
        with closing(open_to_copy(path)) as db:
            known = read_manifest(db)
    except (sqlite3.DatabaseError, BlogsearchError):
        return
    if known is None:
        return
    try:
        fingerprint = model.fingerprint
    except ModelError:
        health.notes.append(
            f"The model {known.model} is not on this machine, so it was not checked."
        )
        return
    if fingerprint != known.fingerprint:
        text = f"The index was made with other weights of {known.model} than are installed now."
        finding = Finding(
            "model", f"{text} Move it over with: blog-indexer rebuild", mendable=False
        )
        health.findings.append(finding)


def _leftovers(directory: Path) -> Iterator[Finding]:
    """What a run that was killed has left; while one is at work nothing can be said."""
    try:
        with closing(lock(directory)):
            names = [path.name for path in _unfinished(directory)]
    except (IndexBusy, OSError):
        return
    if names:
        yield Finding(
            "leftovers", f"A run that ended early has left {', '.join(sorted(names))}."
        )


def _unfinished(directory: Path) -> list[Path]:
    return [path for pattern in rollback.UNFINISHED for path in directory.glob(pattern)]


def repair(directory: Path, model: Embedder, health: Health) -> Iterator[str]:
    """Mend what ``examine_all`` found, and say what was done. What is mended is made
    aside, and takes the place of the old only when it is whole; a damaged database is
    kept beside it."""
    codes = health.codes()
    with closing(lock(directory)):
        rollback.finish_restore(directory)
        for path in _unfinished(directory):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        made = MadeOver()
        staged = directory / f"{rollback.RESTORE}{rollback.NEW}"
        staged.mkdir()
        if "ledger" in codes:
            for url in make_ledger_over(directory / LEDGER, staged):
                yield f"Of the source {url} only what it lists could be read; it is followed again."
        if codes - WITHOUT_NEW_ROWS - OF_LEDGER:
            with _ledger(directory, staged) as ledger:
                known = _addresses(ledger)
                made = make_over(
                    directory / DATABASE,
                    staged / DATABASE,
                    model=model,
                    splitter=SPLITTER_VERSION,
                    is_known=lambda url: ledger is None or url in known,
                )
            yield f"{made.kept} articles were read from the damaged index."
        yield from _align(directory, staged, made)
        yield from _put_in_place(directory, staged)
        if "vector-file" in codes:
            _renew_vectors(directory)
            yield "The vector file is made anew."
    is_behind = bool(codes & {"old-format", "unsealed"})
    yield from _refill(directory, model, made.without_passages, open_=is_behind)


@contextmanager
def _ledger(directory: Path, staged: Path) -> Iterator[Ledger | None]:
    """The ledger that is going to stand beside the mended index, None where there is
    none."""
    folder = staged if (staged / LEDGER).is_file() else directory
    if not (folder / LEDGER).is_file():
        yield None
        return
    with closing(Ledger(folder)) as ledger:
        yield ledger


def _addresses(ledger: Ledger | None) -> set[str]:
    return (
        {page.article for page in ledger.pages() if page.article}
        if ledger is not None
        else set()
    )


def _align(directory: Path, staged: Path, made: MadeOver) -> Iterator[str]:
    index = staged / DATABASE if (staged / DATABASE).is_file() else directory / DATABASE
    held = _held(index)
    with _ledger(directory, staged) as ledger:
        if ledger is None or held is None:
            return
        if lost := align(ledger, set(held), set(made.doubtful)):
            yield f"{len(lost)} articles are lost; the next update fetches them again: {named(lost)}."
    if made.doubtful:
        text = f"{len(made.doubtful)} articles may have changed by the damage; the next update looks at them"
        yield f"{text} again: {named(made.doubtful)}."


def _put_in_place(directory: Path, staged: Path) -> Iterator[str]:
    names = [path.name for path in sorted(staged.glob("*.sqlite"))]
    if not names:
        staged.rmdir()
        return
    for name in names:
        aside = rollback.keep_damaged(directory / name)
        yield f"What was damaged is kept as {aside.name}."
    rollback.swap_folder(staged, directory / rollback.RESTORE)
    rollback.finish_restore(directory)


def _renew_vectors(directory: Path) -> None:
    """Write the vector file anew from the rows, which are sound."""
    with closing(connect(directory / DATABASE)) as db:
        db.execute("BEGIN IMMEDIATE")
        known = read_manifest(db)
        if known is not None:
            derived = vectors_of_rows(Passages(db), known.dimension)
            name, checksum = derived.save(directory, f"vectors-{known.generation}")
            write_manifest(db, replace(known, vectors=name, vectors_sha256=checksum))
            checksums.store_checksums(db)
        db.execute("COMMIT")


def _refill(
    directory: Path, model: Embedder, urls: Sequence[str], *, open_: bool
) -> Iterator[str]:
    """Make the passages of articles again from their text; opening the index alone
    brings it up to date."""
    if not urls and not open_:
        return
    with IndexWriter(directory, model, splitter=SPLITTER_VERSION) as index:
        for start in range(0, len(urls), BATCH):
            found = [index.stored.article(url) for url in urls[start : start + BATCH]]
            held = [article for article in found if article is not None]
            index.add(
                [
                    (a, split(a, count_tokens=model.count_tokens, window=model.window))
                    for a in held
                ]
            )
        index.commit()
    if urls:
        yield f"{len(urls)} articles were split and embedded anew from their text."
