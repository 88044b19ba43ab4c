"""Pure: two scores of a passage into one, and passages into articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

# An article's further passages count this much of their score, so that of two articles with equal
# best passages the one with more to say comes first, and no heap of weak ones beats a good one.
FURTHER_SHARE = 0.1
FURTHER = 2  # how many further passages count

# Of the fused score; the rest is BM25's. Chosen on the developers' judged queries, where 0.5 to 0.7
# differ little and reciprocal rank fusion is worse (docs/decisions.md).
DENSE_WEIGHT = 0.65
RANK_DEPTH = 60  # of Cormack, Clarke & Büttcher, who found it to matter little

Ranked = tuple[int, float, list[tuple[int, float]]]
Fusion = Callable[[Mapping[int, float], Mapping[int, float]], dict[int, float]]


def convex_combination(
    dense: Mapping[int, float], lexical: Mapping[int, float], *, weight: float
) -> dict[int, float]:
    """``weight`` × dense + (1 - ``weight``) × lexical, each over its greatest score; missing is 0.

    Bruch, Gai & Ingber, TOIS 2023, with 0 as the least score of both: a cosine below that says no
    more than that a text is not about it.
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"a weight is between 0 and 1, not {weight}")
    near, matching = _normalised(dense), _normalised(lexical)
    return {
        number: weight * near.get(number, 0.0) + (1 - weight) * matching.get(number, 0.0)
        for number in {**near, **matching}
    }


def reciprocal_ranks(dense: Mapping[int, float], lexical: Mapping[int, float]) -> dict[int, float]:
    """The sum of 1 / (60 + rank) over both lists, over the most that can come of it.

    Cormack, Clarke & Büttcher, SIGIR 2009.
    """
    scores: dict[int, float] = defaultdict(float)
    for found in (dense, lexical):
        for rank, (number, _) in enumerate(sorted(found.items(), key=_best_first), 1):
            scores[number] += (RANK_DEPTH + 1) / (2 * (RANK_DEPTH + rank))
    return dict(scores)


# One score out of cosines and BM25 scores: "fused" is what searches go by, the others are to compare it with.
RANKINGS: Mapping[str, Fusion] = {
    "fused": lambda dense, lexical: convex_combination(dense, lexical, weight=DENSE_WEIGHT),
    "dense": lambda dense, lexical: convex_combination(dense, {}, weight=1),
    "lexical": lambda dense, lexical: convex_combination({}, lexical, weight=0),
    "rrf": reciprocal_ranks,
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


def one_per_text(ranked: Sequence[Ranked], stands_for: Mapping[int, int]) -> list[Ranked]:
    """One article a text, in the place and with the score of the best of its copies.

    ``stands_for`` names the representative of each article that has copies. Where that was not found, or
    is kept out by a filter, the best copy that was found takes its place.
    """
    found = {article: passages for article, _, passages in ranked}
    texts: dict[int, Ranked] = {}
    for article, score, passages in ranked:
        text = stands_for.get(article, article)
        shown = (text, found[text]) if text in found else (article, passages)
        texts.setdefault(text, (shown[0], score, shown[1]))
    return list(texts.values())


def _best_first(entry: tuple[int, float]) -> tuple[float, int]:
    return -entry[1], entry[0]


def _normalised(scores: Mapping[int, float]) -> dict[int, float]:
    greatest = max(scores.values(), default=0.0)
    if greatest <= 0:
        return dict.fromkeys(scores, 0.0)
    return {number: max(0.0, score) / greatest for number, score in scores.items()}
