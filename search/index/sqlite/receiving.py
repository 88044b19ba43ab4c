"""The receiver of the embedded index: it takes what another index stores, without a
model.

It is the writer, but for what that embeds and measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, Self

from search.coverage_report import Coverage
from search.index.sqlite.writer import SqliteWriter
from search.manifest import Manifest
from search.port_values import EmbeddedPassage, StoredPassage
from search.standing import Standing
from search.types import Article

COMMIT_AFTER = 50_000  # passages, so that an unfinished copy need not begin again


class SqliteReceiver:
    """The Receiver of a directory, which one process has at a time: see the port."""

    def __init__(self, directory: Path, known: Manifest) -> None:
        self._writer = _Writer(directory, known)
        self._passages = 0  # since the last commit

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._writer.close()

    def missing(
        self, articles: Sequence[tuple[Article, Sequence[StoredPassage]]]
    ) -> set[str]:
        return {
            article.url
            for article, passages in articles
            if not self._writer.stores(article, passages)
        }

    def put(
        self, articles: Sequence[tuple[Article, Sequence[EmbeddedPassage]]]
    ) -> None:
        self._writer.take(articles)
        self._passages += sum(len(passages) for _, passages in articles)
        if self._passages > COMMIT_AFTER:
            self._writer.commit()
            self._passages = 0

    def commit(self, report: Sequence[Coverage], urls: Sequence[str]) -> None:
        # What an unfinished copy left is visible already, and may be the writer's.
        self._writer.change_nothing()
        self._writer.commit()
        self._writer.write_coverage(report)

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        return self._writer.change_standing(change)


class _NoModel:
    """Stands for a model, as far as a manifest says what that is."""

    def __init__(self, known: Manifest) -> None:
        self.name, self.fingerprint = known.model, known.fingerprint
        self.dimension, self.window = known.dimension, 0

    def _refuse(self, *_: object) -> NoReturn:
        raise NotImplementedError("an index is received without its model")

    count_tokens = embed_passages = encode_passages = encode_query = _refuse


class _Writer(SqliteWriter):
    def __init__(self, directory: Path, known: Manifest) -> None:
        super().__init__(directory, _NoModel(known), splitter=known.splitter)
        self._source = known
        self._is_new = self._manifest is None
        if self._manifest is not None:
            self._manifest.require(model=known.model, fingerprint=known.fingerprint)

    def stores(self, article: Article, passages: Sequence[StoredPassage]) -> bool:
        """Tell if an article is stored just so."""
        if self.stored.article(article.url) != article:
            return False
        rows = self._db.execute(
            "SELECT p.embedding_key FROM passages p JOIN articles a ON a.id = p.article"
            " WHERE a.url = ? ORDER BY p.position",
            (article.url,),
        )
        return [row[0] for row in rows] == [one.embedding_key for one in passages]

    def take(
        self, articles: Sequence[tuple[Article, Sequence[EmbeddedPassage]]]
    ) -> None:
        """Store articles as they were embedded elsewhere."""
        # As the writer does before its first change: what is damaged isn't written to.
        self._change()
        for article, passages in articles:
            _, added = self.stored.put(
                article,
                [one.passage for one in passages],
                keys=[one.embedding_key for one in passages],
                vectors=self._matrix([one.vector for one in passages]),
            )
            rows = zip(added, passages, strict=True)
            self._tokens.put({n: one.bits for n, one in rows if one.bits is not None})

    def change_nothing(self) -> None:
        """Begin a commit, that of an index without articles too."""
        if self._manifest is None:
            self._change()

    def _next_manifest(self) -> Manifest:
        known, source = super()._next_manifest(), self._source
        # That of an index which has one already was measured over what it has.
        if not self._is_new:
            return known
        return replace(
            known,
            background_mean=source.background_mean,
            background_spread=source.background_spread,
            everyday=source.everyday,
            cosine_foreign=source.cosine_foreign,
            cosine_own=source.cosine_own,
            max_sim_foreign=source.max_sim_foreign,
            max_sim_own=source.max_sim_own,
            uncalibrated=source.uncalibrated,
        )

    def _calibrated(self, known: Manifest) -> Manifest:
        # Without a model nothing can be measured: the next writer does it.
        return known
