"""Small true implementations of the ports, for tests that need no model, index file or
network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from indexer.records import FetchError, NotModified, Page, Validators
from search.port_values import Encoding, Ids, Vectors


class CannedFetcher:
    """A Fetcher that holds its pages: address → Page or FetchError. What it lacks is
    not found.

    ``disallowed`` addresses are closed to articles, as by robots.txt; ``asked`` records
    the addresses.
    """

    def __init__(
        self,
        pages: Mapping[str, Page | FetchError | bytes] | None = None,
        *,
        disallowed: Iterable[str] = (),
    ) -> None:
        self.pages = dict(pages or {})
        self.disallowed = set(disallowed)
        self.asked: list[str] = []

    def fetch(
        self,
        url: str,
        validators: Validators | None = None,
        *,
        article: bool = False,
        allow_private: bool = False,
    ) -> Page | NotModified:
        self.asked.append(url)
        found = self.pages.get(url) or FetchError(
            url, "not-found", "There is no such page (404).", status=404
        )
        if not url.startswith(("http://", "https://")):
            found = FetchError(
                url, "bad-address", "Only http and https addresses can be fetched."
            )
        elif article and url in self.disallowed:
            found = FetchError(
                url, "robots", "The site's robots.txt asks not to fetch this page."
            )
        if isinstance(found, FetchError):
            raise found
        if isinstance(found, bytes):
            found = Page(url, url, found, content_type="text/html")
        if validators and validators.etag and validators.etag == found.validators.etag:
            return NotModified(url, found.moved_to, found.validators, found.max_age)
        return found


class Elsewhere:
    """A Fetcher for which all hosts lie on one local server, below a folder of their
    name."""

    def __init__(self, base, fetcher):
        self._base, self._fetcher = base, fetcher

    def sitemaps(self, site, *, allow_private=False):
        return []

    def fetch(self, url, validators=None, *, article=False, allow_private=False):
        if url.startswith(self._base):
            return self._fetcher.fetch(
                url, validators, article=article, allow_private=True
            )
        if validators:
            validators = replace(validators, url=self._here(validators.url))
        found = self._fetcher.fetch(
            self._here(url), validators, article=article, allow_private=True
        )
        seen = replace(found.validators, url=self._there(found.validators.url))
        if not isinstance(found, Page):
            return replace(found, url=url, validators=seen)
        final = self._there(found.final_url)
        return replace(found, url=url, final_url=final, moved_to="", validators=seen)

    @property
    def requests(self):
        return self._fetcher.requests

    def _here(self, url):
        return self._base + url.removeprefix("https:/") if url else ""

    def _there(self, url):
        return url.replace(self._base + "/", "https://")


class HashEmbedder:
    """An Embedder without a model: words hashed into a vector, so that shared words are
    nearness."""

    def __init__(
        self, name: str = "hash", *, dimension: int = 64, window: int = 120
    ) -> None:
        self.name, self.dimension, self.window = name, dimension, window
        self.fingerprint = hashlib.sha256(f"{name} {dimension}".encode()).hexdigest()
        self.embedded: list[str] = []

    def require_found(self) -> None:
        """It is made here."""

    fetch = require_loadable = require_found

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_TOKEN.findall(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return np.stack([self.embed(text) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        self.embedded += texts
        return [self.encode_query(text) for text in texts]

    def encode_query(self, text: str) -> Encoding:
        return _read(text, self.dimension, self.window)

    def embed(self, text: str) -> Vectors:
        return _embedded(text, self.dimension, self.window)


@lru_cache(maxsize=10_000)  # each index is asked the same everyday questions
def _read(text: str, dimension: int, window: int) -> Encoding:
    words = [found for found in _TOKEN.finditer(text) if found[0].isalnum()][:window]
    spans = np.array([found.span() for found in words], np.int32).reshape(-1, 2)
    tokens = np.zeros((len(words), dimension), np.float16)
    for row, found in zip(tokens, words, strict=True):
        row[_coordinate(found[0].lower(), dimension)] = 1.0
    return Encoding(_embedded(text, dimension, window), tokens, spans)


def _embedded(text: str, dimension: int, window: int) -> Vectors:
    vector = np.zeros(dimension, np.float32)
    vector[0] = 0.01  # a text without words has a direction too
    for word in _TOKEN.findall(text.lower())[:window]:
        vector[_coordinate(word, dimension)] += 1.0
    return vector / np.float32(np.linalg.norm(vector))


def _coordinate(word: str, dimension: int) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % dimension


_TOKEN = re.compile(r"\w+|[^\w\s]")


class ExactIndex:
    """A VectorIndex in a few lines of numpy: the oracle that FAISS is held against."""

    def __init__(self, dimension: int) -> None:
        self._rows: dict[int, Vectors] = {}
        self._dimension = dimension

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        self._rows.update(zip(map(int, ids), vectors, strict=True))

    def remove(self, ids: Ids) -> None:
        for number in ids:
            self._rows.pop(int(number), None)

    def nearest(
        self, vector: Vectors, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, Vectors]:
        wanted = (
            set(self._rows)
            if allowed is None
            else set(self._rows) & set(map(int, allowed))
        )
        scored = sorted((-float(self._rows[n] @ vector), n) for n in wanted)[:k]
        ids = np.array([n for _, n in scored], np.int64)
        return ids, np.array([-score for score, _ in scored], np.float32)
