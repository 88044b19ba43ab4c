"""A snapshot of an index in memory: the reading half of the port in plain Python.

It is written to be read, not to be quick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from search.coverage_report import Coverage
from search.index.addresses import page_of, section_of
from search.index.both_retrievers import candidates_of
from search.index.lexicon import beginnings, lexical_bound, likely_languages
from search.index.memory.duplicates import representatives_of
from search.index.memory.filters import matching_articles
from search.index.memory.fulltext import MemoryFullText
from search.manifest import Manifest
from search.port_values import (
    EVERYTHING,
    Candidates,
    Duplicates,
    Ids,
    Labels,
    LexicalQuery,
    Phrase,
    Sample,
    Scope,
    StoredPassage,
    TokenBits,
    Vectors,
    labels_of,
)
from search.standing import Standing
from search.text.folding import fold
from search.text.tokenizer import vocabulary
from search.types import Article, Evidence, Filters, IndexStatus


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """A passage with the vector and the token bits of its embedded text."""

    stored: StoredPassage
    vector: Vectors
    bits: TokenBits


class MemorySnapshot:
    """The Snapshot of a copy of all articles and passages."""

    def __init__(
        self,
        manifest: Manifest,
        articles: Mapping[int, Article],
        rows: Mapping[int, MemoryRow],
        *,
        coverage: tuple[Coverage, ...],
        standing: Standing,
    ) -> None:
        self.manifest = manifest
        self._articles = articles
        self._rows = rows
        self._coverage = coverage
        self._standing = standing

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Nothing here takes long."""
        yield

    # Retrieval

    def nearest(
        self, vector: Vectors, k: int, scope: Scope = EVERYTHING
    ) -> tuple[Ids, Vectors]:
        scores = self.similarities(self._in(scope), vector)
        best = sorted(scores, key=lambda n: (-scores[n], n))[:k]
        nearest = [scores[n] for n in best]
        return np.array(best, np.int64), np.array(nearest, np.float32)

    def lexical(
        self,
        query: LexicalQuery,
        k: int,
        scope: Scope = EVERYTHING,
        *,
        also: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        within = set(self._in(scope))
        scores = self._fulltext.scores(query)
        found = [(n, score) for n, score in scores.items() if n in within]
        best = sorted(found, key=lambda entry: (-entry[1], entry[0]))
        return best[:k] + [one for one in best[k:] if one[0] in also]

    def candidates(
        self, vector: Vectors, query: LexicalQuery, k: int, scope: Scope = EVERYTHING
    ) -> Candidates:
        return candidates_of(self, vector, query, k, scope)

    def similarities(self, ids: Sequence[int], vector: Vectors) -> dict[int, float]:
        rows = self._some(ids)
        return {n: float(row.vector @ vector) for n, row in rows.items()}

    def token_bits(self, ids: Sequence[int]) -> dict[int, TokenBits]:
        rows = self._some(ids)
        return {n: row.bits for n, row in rows.items() if len(row.bits.bits)}

    # Words

    def document_frequencies(self, queries: Sequence[LexicalQuery]) -> list[int]:
        return [len(self._fulltext.matching(query)) for query in queries]

    def lexical_bound(self, frequencies: Sequence[int]) -> float:
        return lexical_bound(frequencies, len(self._rows))

    def languages(self) -> tuple[str, ...]:
        return tuple(self._languages)

    def languages_of(self, text: str) -> tuple[str, ...]:
        return likely_languages(
            text, self._languages, lambda word, code: self._words[code, word]
        )

    def articles_with(
        self, words: Sequence[str], languages: Sequence[str]
    ) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for word in words:
            counts[word] = sum(self._words[code, word] for code in languages)
        # Without those that no article contains.
        return dict(+counts)

    def similar_words(
        self, word: str, languages: Sequence[str], edits: int
    ) -> dict[str, int]:
        counts: Counter[str] = Counter()
        starts = tuple(beginnings(word))
        for (code, other), count in self._words.items():
            plain = fold(other)
            is_near = abs(len(plain) - len(fold(word))) <= edits
            is_alike = is_near and plain.startswith(starts)
            if is_alike and code in languages:
                counts[other] += count
        return dict(counts)

    # Articles

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        return {n: row.stored for n, row in self._some(ids).items()}

    def passages_of(self, article: int) -> list[StoredPassage]:
        return [row.stored for _, row in self._rows_of(article)]

    def article_ids(self, ids: Sequence[int]) -> dict[int, int]:
        return {n: row.stored.article for n, row in self._some(ids).items()}

    def article_vectors(
        self, articles: Sequence[int]
    ) -> dict[int, tuple[Ids, Vectors]]:
        found = {}
        for article in articles:
            rows = self._rows_of(article)
            if rows:
                ids = np.array([n for n, _ in rows], np.int64)
                found[article] = ids, np.stack([row.vector for _, row in rows])
        return found

    def articles(self, ids: Sequence[int]) -> dict[int, Article]:
        known = sorted(self._articles.keys() & ids)
        return {n: replace(self._articles[n], blocks=()) for n in known}

    def read(
        self, articles: Sequence[int], passages: Sequence[int]
    ) -> tuple[dict[int, Article], dict[int, StoredPassage]]:
        known = sorted(self._articles.keys() & articles)
        return {n: self._articles[n] for n in known}, self.passages(passages)

    def labels(self, ids: Sequence[int]) -> dict[int, Labels]:
        return {n: labels_of(one) for n, one in self.articles(ids).items()}

    def article(self, url: str) -> Article | None:
        return self._by_url.get(url)

    def newest(self, k: int, filters: Filters) -> list[int]:
        found = matching_articles(self._articles, Scope(filters))
        order = sorted(found, key=lambda n: (self._articles[n].dated, n), reverse=True)
        return order[:k]

    def find(self, url: str) -> int | None:
        # The very address first, then its post, then its page.
        for key in (str, section_of, page_of):
            wanted = key(url)
            for number, article in self._articles.items():
                if wanted and key(article.url) == wanted:
                    return number
        return None

    def contains(self, url: str) -> bool:
        found = self.article(url)
        return found is not None and found.evidence == "article"

    def duplicates(self, articles: Sequence[int]) -> dict[int, Duplicates]:
        of = self._representatives
        wanted = {of[n] for n in of.keys() & articles}
        found: dict[int, Duplicates] = {}
        for representative in wanted:
            members = [n for n, first in of.items() if first == representative]
            members.sort(key=lambda n: (n != representative, self._articles[n].url))
            urls = {n: self._articles[n].url for n in members}
            found |= dict.fromkeys(members, Duplicates(representative, urls))
        return found

    # The whole

    def urls(self) -> list[str]:
        return [article.url for _, article in sorted(self._articles.items())]

    def evidence(self) -> dict[str, Evidence]:
        return {url: one.evidence for url, one in self._by_url.items()}

    def sample(self, count: int) -> Sample:
        step = max(1, len(self._rows) // count)
        rows = {n: row for n, row in sorted(self._rows.items()) if n % step == 0}
        vectors = [row.vector for row in rows.values()]
        return Sample(
            np.array(list(rows), np.int64),
            np.array([row.stored.article for row in rows.values()], np.int64),
            np.array(vectors, np.float32).reshape(len(rows), self.manifest.dimension),
        )

    def sample_titles(self, count: int) -> list[tuple[str, list[int]]]:
        step = max(1, len(self._articles) // count)
        found = []
        for number, article in sorted(self._articles.items()):
            ids = [n for n, _ in self._rows_of(number)]
            if number % step == 0 and article.title and ids:
                found.append((article.title, ids))
        return found

    def status(self) -> IndexStatus:
        known = self.manifest
        sites = Counter(one.site or one.host for one in self._articles.values())
        del sites[""]
        by_count = sorted(sites.items(), key=lambda entry: (-entry[1], entry[0]))
        days = {one.dated for one in self._articles.values()} - {""}
        years = {int(day[:4]) for day in days}
        return IndexStatus(
            known.articles,
            known.passages,
            tuple(by_count),
            tuple(sorted(years, reverse=True)),
            known.updated,
            known.model,
        )

    def coverage(self) -> tuple[Coverage, ...]:
        return self._coverage

    def standing(self) -> Standing:
        return self._standing

    def arrived(self, after: int, upto: int) -> list[int]:
        return sorted(number for number in self._articles if after < number <= upto)

    @cached_property
    def _by_url(self) -> dict[str, Article]:
        return {one.url: one for one in self._articles.values()}

    @cached_property
    def _fulltext(self) -> MemoryFullText:
        entries = {
            n: (self._articles[row.stored.article], row.stored.passage)
            for n, row in self._rows.items()
        }
        return MemoryFullText(entries)

    @cached_property
    def _languages(self) -> Counter[str]:
        """The articles of each language."""
        return Counter(one.language for one in self._articles.values())

    @cached_property
    def _words(self) -> Counter[tuple[str, str]]:
        """The articles that contain each word, by its language and the word."""
        counts: Counter[tuple[str, str]] = Counter()
        for number, article in self._articles.items():
            texts = [article.title]
            texts += [row.stored.passage.text for _, row in self._rows_of(number)]
            words = {word for text in texts for word in vocabulary(text)}
            counts.update((article.language, word) for word in words)
        return counts

    @cached_property
    def _representatives(self) -> dict[int, int]:
        return representatives_of(self._articles)

    def _some(self, ids: Sequence[int]) -> dict[int, MemoryRow]:
        return {n: self._rows[n] for n in sorted(self._rows.keys() & ids)}

    def _rows_of(self, article: int) -> list[tuple[int, MemoryRow]]:
        rows = [(n, r) for n, r in self._rows.items() if r.stored.article == article]
        return sorted(rows, key=lambda entry: entry[1].stored.position)

    def _in(self, scope: Scope) -> list[int]:
        """Return the ids of the passages in scope."""
        languages = self.languages()
        found = self._fulltext.within(scope, languages)
        wanted = matching_articles(self._articles, scope)
        for text in scope.excluded:
            query = LexicalQuery((Phrase(text),), languages)
            wanted -= set(self.article_ids([*self._fulltext.matching(query)]).values())
        return [n for n in sorted(found) if self._rows[n].stored.article in wanted]
