"""Articles near to one of the index, or to a text that somebody pasted.

Both are a handful of vectors: of an article's passages, or of the pieces of the text
that fit the model's window.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from search.errors import ArticleUnknown, QueryError
from search.port_values import EVERYTHING, Ids, Scope, Vectors
from search.ports import Embedder
from search.query.parser import Query
from search.ranking.fusion import Ranked, one_per_text
from search.results.hits import Hits
from search.snapshot_port import Snapshot
from search.text.sentences import sentence_spans
from search.text.title_series import are_one_series
from search.text.tokenizer import has_word
from search.types import Article, Hit, Nearby

LONGEST_TEXT = 10_000  # characters; English takes two seconds to embed on two cores, Chinese up to eight
PROBES = 64  # vectors of one text, evenly spread over longer ones: a book isn't compared by every page
CANDIDATES = 100  # passages that each of them contributes
COMPARED = 100  # articles, those with the nearest passages first, that are compared passage by passage
BEST = 3  # passages of an article that its nearness is the mean of
FAR = 2.0  # standard deviations above what passages of two articles usually have in common


def related_to(index: Snapshot, url: str, limit: int) -> Nearby:
    """Find other articles on the subject of the one at this address, those of the same
    series last.

    An alias of the address will do, and that of a near-duplicate. Raises
    ArticleUnknown.
    """
    began = time.perf_counter()
    number = index.find(url)
    if number is None:
        raise ArticleUnknown(
            "The index holds no article at this address; give that of a search result, url=https://…"
        )
    here = index.articles([number])[number]
    found = _shown(index, nearest_to(index, number)[:limit])
    return Nearby(_ms_since(began), found, here.url, here.title)


def nearest_to(
    index: Snapshot, number: int, scope: Scope = EVERYTHING, *, far: float = FAR
) -> list[Ranked]:
    """Rank the articles in scope that are on the subject of this one, those of the same
    series last; none has its text.

    ``far`` is by how many standard deviations they are nearer than any two articles.
    """
    duplicates = index.duplicates([number])
    if number in duplicates:
        same = set(duplicates[number].addresses)
    else:
        same = {number}
    passages = index.article_vectors([number])
    if not passages:
        return []
    near = _nearest(index, passages[number][1], without=same, scope=scope)
    ranked = _subject(index, near, far)
    articles = index.articles([number, *(entry[0] for entry in ranked)])
    # Stable: nearest first in both halves.
    ranked.sort(
        key=lambda entry: _is_of_same_series(articles[number], articles[entry[0]])
    )
    return ranked


def similar_to(index: Snapshot, text: str, *, embedder: Embedder, limit: int) -> Nearby:
    """Find the articles nearest to a text. Raises QueryError "empty", "too-long" or
    "nothing-to-search"."""
    began = time.perf_counter()
    if not text.strip():
        raise QueryError("empty", "There is no text; give it as the parameter text.")
    if len(text) > LONGEST_TEXT:
        raise QueryError(
            "too-long",
            f"The text has {len(text):,} characters; give at most {LONGEST_TEXT:,}.",
        )
    if not has_word(text):
        raise QueryError("nothing-to-search", "There is no word in the text.")
    vectors = embedder.embed_passages(pieces(text, embedder))
    near = _subject(index, _nearest(index, vectors, without=()))
    found = _shown(index, near[:limit])
    return Nearby(_ms_since(began), found)


def pieces(text: str, embedder: Embedder) -> list[str]:
    """Split a text into pieces of whole sentences that fit the model's window, in order;
    nothing is left out."""
    sentences = [
        part
        for start, end in sentence_spans(text)
        for part in _fitting(text[start:end], embedder)
    ]
    found: list[str] = []
    room = 0
    for sentence, cost in zip(sentences, embedder.count_tokens(sentences), strict=True):
        if found and cost <= room:
            found[-1] += f" {sentence}"
        else:
            found.append(sentence)
            room = embedder.window
        room -= cost
    return found


def rank(text: Vectors, articles: Mapping[int, tuple[Ids, Vectors]]) -> list[Ranked]:
    """Rank articles by the mean of their BEST passages' cosines, each to the nearest
    vector of the text.

    ``text`` has the shape (n, dimension), ``articles`` the ids of their passages, shape
    (m,), and their vectors, shape (m, dimension). Equal scores are ordered by the
    smaller id; none is under 0 or over 1.
    """
    found: list[Ranked] = []
    for number, (ids, vectors) in articles.items():
        cosines = np.clip((vectors @ text.T).max(axis=1), 0.0, 1.0)
        order = np.lexsort((ids, -cosines))[:BEST]
        best = [(int(ids[place]), float(cosines[place])) for place in order]
        found.append((number, sum(score for _, score in best) / len(best), best))
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


def _fitting(text: str, embedder: Embedder) -> list[str]:
    """A sentence, halved until it fits the window, at a space where there is one."""
    if len(text) < 2 or embedder.count_tokens([text])[0] <= embedder.window:
        return [text]
    half = len(text) // 2
    at = text.rfind(" ", 1, half) + 1 or half
    return [*_fitting(text[:at], embedder), *_fitting(text[at:], embedder)]


def _nearest(
    index: Snapshot,
    text: Vectors,
    *,
    without: Collection[int],
    scope: Scope = EVERYTHING,
) -> list[Ranked]:
    """Return the articles nearest to a text, nearest first."""
    room = CANDIDATES + len(text)  # for an article's own passages, the nearest of all
    text = text[np.linspace(0, len(text) - 1, min(PROBES, len(text))).astype(int)]
    nearest: dict[int, float] = {}
    for vector in text:
        for number, cosine in zip(*index.nearest(vector, room, scope), strict=True):
            nearest[int(number)] = max(nearest.get(int(number), -1.0), float(cosine))
    article_of = index.article_ids(list(nearest))
    # Ties by id, so that the same question always compares the same articles.
    by_nearness = sorted(nearest, key=lambda number: (-nearest[number], number))
    candidates = dict.fromkeys(article_of[number] for number in by_nearness)
    compared = [number for number in candidates if number not in without][:COMPARED]
    return rank(text, index.article_vectors(compared))


def _subject(index: Snapshot, near: list[Ranked], far: float = FAR) -> list[Ranked]:
    """Keep one article a text; those that are no nearer than any two articles are left
    out."""
    known = index.manifest
    least = _least(known.background_mean, known.background_spread * far)
    ranked = [entry for entry in near if entry[1] >= least]
    duplicates = index.duplicates([number for number, _, _ in ranked])
    return one_per_text(
        ranked, {number: text.representative for number, text in duplicates.items()}
    )


def _least(usual: float, more: float) -> float:
    """Return the nearness from which two articles have something in common, ``more``
    than what they usually have; at most half-way to being the same, as in an index of a
    few articles the spread says little."""
    return min(usual + more, (usual + 1) / 2)


def _is_of_same_series(one: Article, other: Article) -> bool:
    return (one.site, one.author) == (other.site, other.author) and are_one_series(
        one.title, other.title
    )


def _shown(index: Snapshot, page: Sequence[Ranked]) -> tuple[Hit, ...]:
    duplicates = index.duplicates([number for number, _, _ in page])
    return Hits().hits(index, page, duplicates, query=Query(""), question=None)


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
