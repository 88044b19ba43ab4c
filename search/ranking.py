"""Pure: two rankings of passages into one, and passages into articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

# An article's further passages count this much of their score, so that of two articles with equal
# best passages the one with more to say comes first, and no heap of weak ones beats a good one.
FURTHER_SHARE = 0.1
FURTHER = 2  # how many further passages count

Ranked = tuple[int, float, list[tuple[int, float]]]


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[int]], *, weights: Sequence[float] | None = None, k: int = 60
) -> dict[int, float]:
    """For each id the sum of weight / (k + rank) over the rankings that hold it, ranks from 1.

    Cormack, Clarke & Büttcher, SIGIR 2009, with their k of 60. An id that stands in a ranking
    twice counts where it stands first. Scaled so that 1 is the first place in every ranking.
    """
    shares = [1.0] * len(rankings) if weights is None else list(weights)
    if len(shares) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings need as many weights, not {len(shares)}")
    best = sum(shares) / (k + 1)
    fused: dict[int, float] = defaultdict(float)
    for ranking, weight in zip(rankings, shares, strict=True):
        for rank, number in enumerate(dict.fromkeys(ranking), start=1):
            fused[number] += weight / (k + rank) / best
    return dict(fused)


def convex_combination(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    *,
    weight: float,
    floors: tuple[float, float] | None = (-1.0, 0.0),
) -> dict[int, float]:
    """``weight`` × dense + (1 - ``weight``) × lexical, both brought to 0…1; a missing score is 0.

    Bruch, Gai & Ingber, TOIS 2023: by default each score is scaled between the least value it can
    take (``floors``: cosine -1, BM25 0) and the greatest one found; None scales from the least found.
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"a weight is between 0 and 1, not {weight}")
    low_dense, low_lexical = floors if floors is not None else (None, None)
    near = _normalised(dense, low_dense)
    matching = _normalised(lexical, low_lexical)
    return {
        number: weight * near.get(number, 0.0) + (1 - weight) * matching.get(number, 0.0)
        for number in {**near, **matching}
    }


def group_by_article(
    scores: Mapping[int, float],
    article_of: Mapping[int, int],
    *,
    share: float = FURTHER_SHARE,
    further: int = FURTHER,
) -> list[Ranked]:
    """Articles, best first: (article, score, its passages as (id, score), best first).

    An article's score is that of its best passage plus ``share`` times the scores of the next
    ``further`` ones, over the most that can come of it, so scores of 0…1 stay there. Equal scores
    are ordered by the smaller id, among articles and among passages.
    """
    passages: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, score in sorted(scores.items(), key=_best_first):
        passages[article_of[number]].append((number, score))
    most = 1 + share * further
    totals = {
        article: (found[0][1] + share * sum(score for _, score in found[1 : 1 + further])) / most
        for article, found in passages.items()
    }
    return [(article, score, passages[article]) for article, score in sorted(totals.items(), key=_best_first)]


def _best_first(entry: tuple[int, float]) -> tuple[float, int]:
    return -entry[1], entry[0]


def _normalised(scores: Mapping[int, float], low: float | None) -> dict[int, float]:
    if not scores:
        return {}
    least = min(scores.values()) if low is None else low
    width = max(scores.values()) - least
    if width <= 0:  # all alike: each is as good as the best
        return dict.fromkeys(scores, 1.0)
    return {number: max(0.0, score - least) / width for number, score in scores.items()}
