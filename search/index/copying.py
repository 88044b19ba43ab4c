"""The copy of one index to another, of any homes: articles, passages, vectors, tokens.

No model is loaded, and nothing is embedded or split.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from search.port_values import EmbeddedPassage, StoredPassage
from search.ports import Index, Receiver
from search.snapshot_port import Snapshot
from search.types import Article

BATCH = 128  # articles that are read and written together, about a thousand passages

Read = tuple[int, Article, list[StoredPassage]]  # the id first


def copy_index(
    source: Index, target: Index, *, note: Callable[[int, int], None]
) -> int:
    """Copy all articles, the coverage report and the standing questions; return how
    many articles were written.

    Those that the target stores just so are left as they are, so that an unfinished
    copy is finished by the next one. ``note`` is told how many articles are done, and
    how many there are.
    """
    written = 0
    with (
        source.snapshot() as index,
        target.receiver(index.manifest) as receiver,
    ):
        urls = index.urls()
        for start in range(0, len(urls), BATCH):
            found = _read(index, urls[start : start + BATCH])
            written += _copy(index, receiver, found)
            note(min(start + BATCH, len(urls)), len(urls))
        receiver.commit(index.coverage(), urls)
        _copy_standing(index, target, receiver)
    return written


def copy_into_folder(source: Index, folder: Path) -> None:
    """Copy the last commit of an index into a folder without one, the quickest way."""
    from search.index.sqlite.home import SqliteIndex  # needs FAISS: a second

    if isinstance(source, SqliteIndex):
        source.copy_to(folder)
        return
    # A database is read, and a folder written, article by article.
    with closing(SqliteIndex(folder)) as target:
        copy_index(source, target, note=lambda done, total: None)


def _copy_standing(index: Snapshot, target: Index, receiver: Receiver) -> None:
    """Put the standing questions in place of those of the copy."""
    standing = index.standing()
    noted = {one.article for asked in standing.questions for one in asked.noted}
    # Articles have been copied in their order: what comes before the last one that a
    # question was asked about comes before it in the copy.
    marks = {
        asked.upto: max(index.arrived(0, asked.upto), default=0)
        for asked in standing.questions
    }
    known = index.articles([*noted, *marks.values()])
    ids = {}
    with target.snapshot() as copy:
        if not standing.questions and not copy.standing().questions:
            return
        for number, one in known.items():
            if found := copy.find(one.url):
                ids[number] = found
    # Of a part of a copy nothing before it is known: then all is asked about again.
    upto = {mark: ids.get(number, 0) for mark, number in marks.items()}
    new = standing.renumbered(ids, upto)
    receiver.change_standing(lambda _: new)


def _read(index: Snapshot, urls: Sequence[str]) -> list[Read]:
    found = []
    for url in urls:
        article, number = index.article(url), index.find(url)
        if article is not None and number is not None:
            found.append((number, article, index.passages_of(number)))
    return found


def _copy(index: Snapshot, receiver: Receiver, found: Sequence[Read]) -> int:
    """Write those of these articles that are missing; return how many."""
    missing = receiver.missing([(article, passages) for _, article, passages in found])
    wanted = [one for one in found if one[1].url in missing]
    vectors = index.article_vectors([number for number, _, _ in wanted])
    ids = [one for numbers, _ in vectors.values() for one in numbers.tolist()]
    bits = index.token_bits(ids)
    # Vectors and tokens are nearly all of an index: only those that are wanted are read.
    copies = []
    for number, article, passages in wanted:
        rows = list(zip(*vectors[number], strict=True)) if number in vectors else []
        embedded = [
            EmbeddedPassage(
                one.passage, one.embedding_key, vector, bits.get(int(passage))
            )
            for one, (passage, vector) in zip(passages, rows, strict=True)
        ]
        copies.append((article, embedded))
    if copies:
        receiver.put(copies)
    return len(copies)
