"""Pure: two scores of a passage into one, and passages into articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

# An article's further passages count this much of their score, so that of two articles
# with equal best passages the one with more to say comes first, and no heap of weak
# ones beats a good one.
FURTHER_SHARE = 0.1
FURTHER = 2  # how many further passages count

# Of a passage's score, where its tokens were looked at; the rest is that of its vector
# and of its words. 0.6 to 0.8 differ by less than 0.01 in nDCG@10, over the developers'
# judged queries and over others.
TOKEN_SHARE = 0.7
RANK_DEPTH = 60  # of Cormack, Clarke & Büttcher, who found it to matter little

Ranked = tuple[int, float, list[tuple[int, float]]]
Fusion = Callable[
    [Mapping[int, float], Mapping[int, float], float, float], dict[int, float]
]
"""Of cosines, of BM25 scores, of the greatest BM25 score that a passage could have and
of how far the model reads the question (0 to 1): one score, 0 to 1."""


def mean_of_shares(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    greatest: float,
    read: float = 1.0,
) -> dict[int, float]:
    """The mean of a passage's cosine and of its BM25 score over the ``greatest`` that
    any could have.

    The cosine counts by how far the question was ``read``. A missing one is 0.
    Theoretical bounds (Bruch, Gai & Ingber, TOIS 2023) in place of the greatest scores
    found: where no passage has more than a stray word of the question, that word
    doesn't count as if it were all of them.
    """
    if greatest < 0:
        raise ValueError(f"the greatest BM25 score is never below 0, not {greatest}")
    return {
        number: (
            read * _share(dense.get(number, 0.0), 1.0)
            + _share(lexical.get(number, 0.0), greatest)
        )
        / (1 + read)
        for number in {**dense, **lexical}
    }


def reciprocal_ranks(
    dense: Mapping[int, float], lexical: Mapping[int, float]
) -> dict[int, float]:
    """The sum of 1 / (60 + rank) over both lists, over the most that can come of it.

    Cormack, Clarke & Büttcher, SIGIR 2009.
    """
    scores: dict[int, float] = defaultdict(float)
    for found in (dense, lexical):
        for rank, (number, _) in enumerate(sorted(found.items(), key=_best_first), 1):
            scores[number] += (RANK_DEPTH + 1) / (2 * (RANK_DEPTH + rank))
    return dict(scores)


def with_tokens(
    scores: Mapping[int, float],
    met: Mapping[int, float],
    looked_at: Collection[int],
    read: float = 1.0,
) -> dict[int, float]:
    """The scores with TOKEN_SHARE of how well the question's tokens are ``met`` in
    those passages that were looked at; less of it where the question was not ``read``
    whole.

    One that was looked at and has no token vectors keeps its score; the others are met
    no better than the worst of those that were.
    """
    share = TOKEN_SHARE * read
    least = min(met.values(), default=0.0)
    instead = (
        (n, score if n in looked_at else min(score, least))
        for n, score in scores.items()
    )
    return {
        number: (1 - share) * scores[number] + share * max(0.0, met.get(number, other))
        for number, other in instead
    }


class Ranking(NamedTuple):
    """How passages are scored: by their vectors and words, and whether by their tokens
    as well."""

    fuse: Fusion
    by_tokens: bool = False


# "fused" is what searches go by, the others are to compare it with.
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
    scores: Mapping[int, float],
    article_of: Mapping[int, int],
    *,
    share: float = FURTHER_SHARE,
    further: int = FURTHER,
) -> list[Ranked]:
    """Articles, best first: (article, score, its passages as (id, score), best first).

    An article's score is that of its best passage plus ``share`` times the scores of
    the next ``further`` ones, over the most that can come of it, so scores of 0…1 stay
    there. Equal scores are ordered by the smaller id, among articles and among
    passages.
    """
    passages: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, score in sorted(scores.items(), key=_best_first):
        passages[article_of[number]].append((number, score))
    most = 1 + share * further
    totals = {
        article: (
            found[0][1] + share * sum(score for _, score in found[1 : 1 + further])
        )
        / most
        for article, found in passages.items()
    }
    return [
        (article, score, passages[article])
        for article, score in sorted(totals.items(), key=_best_first)
    ]


def one_per_text(
    ranked: Sequence[Ranked], stands_for: Mapping[int, int]
) -> list[Ranked]:
    """One article a text, in the place and with the score of the best of its copies.

    ``stands_for`` names the representative of each article that has copies. Where that
    was not found, or is kept out by a filter, the best copy that was found takes its
    place.
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


def _share(score: float, greatest: float) -> float:
    return min(1.0, max(0.0, score) / greatest) if greatest > 0 else 0.0
