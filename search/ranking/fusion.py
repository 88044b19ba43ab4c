"""Fusion of a passage's scores into one, and of passages into articles.

Numbers in, numbers out: it reads no index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from search.ranking.weights import HALF_BY_TOKENS, RANK_DEPTH, WORD_SHARE

Ranked = tuple[int, float, list[tuple[int, float]]]
Fusion = Callable[
    [Mapping[int, float], Mapping[int, float], float, float], dict[int, float]
]
"""From cosines, BM25 scores, the BM25 score that no passage exceeds, and how far the
model reads the question (0 to 1), to one score a passage, 0 to 1."""


def mean_of_shares(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    greatest: float,
    read: float = 1.0,
) -> dict[int, float]:
    """Return the weighted mean of a passage's cosine and of its BM25 score over the
    ``greatest`` possible one.

    The cosine counts by how far the question was ``read``; a missing score is 0. The
    bounds are theoretical (Bruch, Gai & Ingber, TOIS 2023), not the greatest scores
    found: where no passage has more than a stray word of the question, that word
    doesn't count as if it were all of them.
    """
    if greatest < 0:
        raise ValueError(f"the greatest BM25 score is never below 0, not {greatest}")
    near = {number: read * _share(cosine, 1.0) for number, cosine in dense.items()}
    alike = {n: WORD_SHARE * _share(score, greatest) for n, score in lexical.items()}
    whole = read + WORD_SHARE
    return {
        number: (near.get(number, 0.0) + alike.get(number, 0.0)) / whole
        for number in {**dense, **lexical}
    }


def reciprocal_ranks(
    dense: Mapping[int, float], lexical: Mapping[int, float]
) -> dict[int, float]:
    """Return the sum of 1 / (60 + rank) over both lists, as a share of the greatest
    possible sum.

    Cormack, Clarke & Büttcher, SIGIR 2009.
    """
    scores: dict[int, float] = defaultdict(float)
    for found in (dense, lexical):
        for rank, (number, _) in enumerate(sorted(found.items(), key=_best_first), 1):
            scores[number] += (RANK_DEPTH + 1) / (2 * (RANK_DEPTH + rank))
    return dict(scores)


def token_share(tokens: int, read: float = 1.0) -> float:
    """Return the share of the tokens in a score: the smaller the more of them a question
    has, and the less of it was ``read``."""
    return read / (1 + (tokens / HALF_BY_TOKENS) ** 2)


def with_tokens(
    scores: Mapping[int, float],
    sims: Mapping[int, float],
    *,
    compared: Collection[int],
    share: float,
) -> dict[int, float]:
    """Return the scores with this share of the MaxSim of those passages that were
    ``compared``.

    A compared passage without tokens keeps its score; the MaxSim of the others is taken
    to be no better than the worst that was found.
    """
    least = min(sims.values(), default=0.0)
    result = {}
    for number, score in scores.items():
        if number in compared:
            instead = score
        else:
            instead = min(score, least)
        sim = max(0.0, sims.get(number, instead))
        result[number] = (1 - share) * score + share * sim
    return result


class Ranking(NamedTuple):
    """A way to score passages: by their vectors and words, and by their tokens as well
    or not."""

    fuse: Fusion
    by_tokens: bool = False


# Searches use "fused"; the others are there to compare it with.
RANKINGS: Mapping[str, Ranking] = {
    "fused": Ranking(mean_of_shares, by_tokens=True),
    "mean": Ranking(mean_of_shares),
    "dense": Ranking(
        lambda dense, lexical, greatest, read: {
            n: _share(cosine, 1.0) for n, cosine in dense.items()
        }
    ),
    "lexical": Ranking(
        lambda dense, lexical, greatest, read: {
            n: _share(score, greatest) for n, score in lexical.items()
        }
    ),
    "rrf": Ranking(
        lambda dense, lexical, greatest, read: reciprocal_ranks(dense, lexical)
    ),
}


def group_by_article(
    scores: Mapping[int, float], article_of: Mapping[int, int]
) -> list[Ranked]:
    """Group passages: (article, score, its passages as (id, score), best first), the
    best article first.

    An article's score is that of its best passage: were others to count as well, a post
    of one passage would come behind a long one that says less. Equal scores are ordered
    by the smaller id, among articles and among passages.
    """
    passages: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, score in sorted(scores.items(), key=_best_first):
        passages[article_of[number]].append((number, score))
    best = {article: found[0][1] for article, found in passages.items()}
    return [
        (article, score, passages[article])
        for article, score in sorted(best.items(), key=_best_first)
    ]


def one_per_text(
    ranked: Sequence[Ranked], stands_for: Mapping[int, int]
) -> list[Ranked]:
    """Keep one article a text, at the place and with the score of the best of its
    near-duplicates.

    ``stands_for`` names the representative of each article that has any. Where that was
    not found, or a filter excludes it, the best one that was found takes its place.
    """
    found = {article: passages for article, _, passages in ranked}
    texts: dict[int, Ranked] = {}
    for article, score, passages in ranked:
        text = stands_for.get(article, article)
        if text in found:
            shown = (text, found[text])
        else:
            shown = (article, passages)
        texts.setdefault(text, (shown[0], score, shown[1]))
    return list(texts.values())


def _best_first(entry: tuple[int, float]) -> tuple[float, int]:
    return -entry[1], entry[0]


def _share(score: float, greatest: float) -> float:
    if greatest > 0:
        return min(1.0, max(0.0, score) / greatest)
    return 0.0
